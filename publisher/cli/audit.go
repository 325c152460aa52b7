package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// defaultLogLimit is how many entries audit log prints: a screen.
const defaultLogLimit = 20

func newAuditCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "audit",
		Short: "Read, check and prove the log of everything that was published",
		Long: `Every revision adds an entry to the audit log in the bucket: who, when, why, what. The
log is a Merkle tree, and every manifest signs its head, so that nobody who can write to
the bucket can change the past unnoticed. The project remembers the head that it saw last
in ` + seenFile + `, so that not even a holder of the keys can, and nobody can
cut off the end; keep that file in version control.`,
		Example: `  publisher audit log .
  publisher audit verify .
  publisher audit prove . 41`,
	}, newAuditLogCommand(), newAuditVerifyCommand(), newAuditProveCommand())
}

// auditLog opens the log as of the live revision.
func (r *remote) auditLog(ctx context.Context) (*audit.Log, error) {
	chain, err := r.chain(ctx)
	if err != nil {
		return nil, err
	}
	newest, err := revision.Newest(ctx, r.store, chain, r.project.Environment)
	if err != nil {
		return nil, failed(err)
	}
	return &audit.Log{Source: r.store, Chain: chain, Environment: r.project.Environment, Newest: newest}, nil
}

func newAuditLogCommand() *cobra.Command {
	var limit int
	var format string
	cmd := &cobra.Command{
		Use:   "log DIR",
		Short: "Say who published what, when and why, newest first",
		Example: `  publisher audit log .
  publisher audit log . --limit 0 --format json   # all of it`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if limit < 0 {
				return errors.New("--limit: must not be negative")
			}
			r, err := openRemote(cmd, args[0], config.LoadTarget)
			if err != nil {
				return err
			}
			return failed(r.writeLog(cmd.Context(), cmd.OutOrStdout(), limit, format))
		},
	}
	cmd.Flags().IntVar(&limit, "limit", defaultLogLimit, "how many entries; 0 is all")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// logged is the JSON form of an entry.
type logged struct {
	Entry bundle.Hash `json:"entry"` // of its object
	audit.Leaf
}

func (r *remote) writeLog(ctx context.Context, w io.Writer, limit int, format string) error {
	log, err := r.auditLog(ctx)
	if err != nil {
		return err
	}
	entries := []logged{}
	for e, err := range log.Backward(ctx) {
		if err != nil {
			return err
		}
		entries = append(entries, logged{e.Name(), e.Leaf})
		if len(entries) == limit {
			break
		}
	}
	if format == "json" {
		return writeJSON(w, entries)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", e.Revision, e.Time.Format(time.RFC3339), e.Action, e.Actor, e.Message)
		for _, gate := range e.Overrides {
			fmt.Fprintf(table, "\t\toverridden\t%s\n", gate)
		}
	}
	return table.Flush()
}

func newAuditVerifyCommand() *cobra.Command {
	var since []string
	var format string
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Find every edit, deletion, exchange or cut in the audit log",
		Long: `Verify reads every manifest, every entry of the audit log and every declaration,
verifies all signatures and hashes, and computes the tree again. It says what is wrong
and where, and ends with status 1.

That the end was cut off shows by the hint, by entries that are left, and by what hosts
report. Where whoever did it has cleared all that away too, or where a holder of the keys
signed another past, it only shows to those who remember a head: the project does, and
further ones can be given. If all is well, the project remembers the head that there is
now.`,
		Example: `  publisher audit verify .
  publisher audit verify . --since 1/41/7a9c20c1bb8660eb97b398dd386d37c386cc22f73cd432ac393d61a2ee7763a3`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			var heads []audit.Head
			for _, text := range since {
				head, err := audit.ParseHead(text)
				if err != nil {
					return fmt.Errorf("--since: %w", err)
				}
				heads = append(heads, head)
			}
			r, err := openRemote(cmd, args[0], config.LoadTarget)
			if err != nil {
				return err
			}
			return r.verifyAudit(cmd, heads, format)
		},
	}
	cmd.Flags().StringArrayVar(&since, "since", nil, "a `head` that was seen before, EPOCH/REVISION/ROOT, as publish prints it; may be repeated")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func (r *remote) verifyAudit(cmd *cobra.Command, heads []audit.Head, format string) error {
	remembered, err := readSeen(r.project)
	if err != nil {
		return err
	}
	if remembered != nil {
		heads = append(heads, *remembered)
	}
	chain, err := r.chain(cmd.Context())
	if err != nil {
		return err
	}
	report, err := audit.Verify(cmd.Context(), r.store, chain, r.project.Environment, heads...)
	if err != nil {
		return failed(err)
	}
	write := r.writeVerified
	if format == "json" {
		write = func(w io.Writer, report *audit.Report, _ []audit.Head) error { return writeJSON(w, report) }
	}
	if err := write(cmd.OutOrStdout(), report, heads); err != nil {
		return failed(err)
	}
	if len(report.Problems) > 0 {
		return failed(errReported)
	}
	if report.Head == nil {
		return nil
	}
	return failed(writeSeen(r.project, *report.Head))
}

func (r *remote) writeVerified(w io.Writer, report *audit.Report, heads []audit.Head) error {
	for _, h := range report.Revoked {
		fmt.Fprintf(w, "%s does not count any more: a later epoch began before revision %d\n", h, h.Revision)
	}
	for _, p := range report.Problems {
		fmt.Fprintln(w, p)
	}
	switch n := len(report.Problems); {
	case n > 0:
		fmt.Fprintf(w, "the audit log of %s was tampered with: %s\n", r.project.Environment, count(n, "problem"))
	case report.Head == nil:
		fmt.Fprintf(w, "the audit log of %s is empty\n", r.project.Environment)
	default:
		fmt.Fprintf(w, "the audit log of %s is whole: revisions 1 to %d", r.project.Environment, report.Entries)
		if seen := len(heads) - len(report.Revoked); seen > 0 {
			fmt.Fprintf(w, ", and continues %s that had been seen", count(seen, "head"))
		}
		fmt.Fprintf(w, "\nhead %s\n", report.Head)
	}
	return nil
}

func newAuditProveCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "prove DIR REVISION",
		Short: "Prove to others that a revision is in the audit log",
		Long: `Prove prints the entry of a revision with an inclusion proof as in RFC 6962, section
2.1.1: whoever has a later head, from any manifest, can check by hashing as many times
as the proof has lines that the entry belongs to what was signed.`,
		Example: `  publisher audit prove . 41
  publisher audit prove . 41 --format json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			revision, err := strconv.ParseUint(args[1], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not the number of a revision", args[1])
			}
			r, err := openRemote(cmd, args[0], config.LoadTarget)
			if err != nil {
				return err
			}
			log, err := r.auditLog(cmd.Context())
			if err != nil {
				return err
			}
			proof, err := log.ProveInclusion(cmd.Context(), revision)
			if err != nil {
				return failed(err)
			}
			if format == "json" {
				return writeJSON(cmd.OutOrStdout(), proof)
			}
			writeProof(cmd.OutOrStdout(), proof)
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func writeProof(w io.Writer, p *audit.Inclusion) {
	r := &p.Leaf
	fmt.Fprintf(w, "revision %d is entry %d of %d in the audit log of %s\n", r.Revision, p.Index+1, p.Head.Revision, r.Environment)
	fmt.Fprintf(w, "%s by %s at %s: %s\n", r.Action, cmp.Or(r.Actor, "somebody unnamed"), r.Time.Format(time.RFC3339), r.Message)
	fmt.Fprintf(w, "leaf   %s\n", p.LeafHash)
	for _, hash := range p.Proof {
		fmt.Fprintf(w, "proof  %s\n", hash)
	}
	fmt.Fprintf(w, "root   %s\n", p.Head.Root)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
