package cli

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newAuditCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "audit",
		Short: "Read, verify and prove the log of everything that was published",
		Long: `Every revision adds an entry to the audit log in the bucket: who, when, why, what. The log
is a Merkle tree, and every manifest signs its head. So nobody who can write to the bucket
can change the past unnoticed. The project remembers the head that it saw last in
` + control.SeenFile + `, so that not even a holder of the keys can, and nobody can cut off
the end. Keep that file in version control.`,
		Example: `  publisher audit log
  publisher audit verify
  publisher audit prove 41`,
	}, newAuditLogCommand(), newAuditVerifyCommand(), newAuditProveCommand())
}

func newAuditLogCommand() *cobra.Command {
	var limit int
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "log [DIR]",
		Short: "Show who published what, when and why, newest first",
		Example: `  publisher audit log
  publisher audit log shop --limit 0 --format json   # all of it`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			entries, err := workspace(cmd, dir).AuditLog(cmd.Context(), limit)
			if err != nil {
				return err
			}
			return format.write(cmd.OutOrStdout(), entries, func(w io.Writer) error { return writeLog(w, entries) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", defaultLimit, "how many entries; 0 is all")
	format = addFormat(cmd)
	return cmd
}

func writeLog(w io.Writer, entries []control.Logged) error {
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
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "verify [DIR]",
		Short: "Find every edit, deletion, exchange or cut in the audit log",
		Long: `Verify reads every manifest, every entry of the audit log and every declaration, verifies
all signatures and hashes, and computes the tree again. It prints what is wrong and
where, and exits with status 1.

A log whose end was cut off is recognized by the hint, by entries that are left, and by
what hosts report. If these were removed too, or if a holder of the keys signed another
past, only a head that was seen before shows it: the project remembers one, and --since
gives others. If all is well, the project remembers the newest head.`,
		Example: `  publisher audit verify
  publisher audit verify shop --since 1/41/7a9c20c1bb8660eb97b398dd386d37c386cc22f73cd432ac393d61a2ee7763a3`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			var heads []audit.Head
			for _, text := range since {
				head, err := audit.ParseHead(text)
				if err != nil {
					return usage("--since: %v", err)
				}
				heads = append(heads, head)
			}
			v, err := workspace(cmd, dir).VerifyAudit(cmd.Context(), heads)
			if err != nil {
				return err
			}
			if err := format.write(cmd.OutOrStdout(), v, func(w io.Writer) error { return writeVerified(w, v) }); err != nil {
				return err
			}
			if len(v.Problems) > 0 {
				return exitStatus(statusFailure)
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&since, "since", nil, "a `head` that was seen before, EPOCH/REVISION/ROOT, as publish prints it; may be repeated")
	format = addFormat(cmd)
	return cmd
}

func writeVerified(w io.Writer, v *control.Verified) (err error) {
	for _, h := range v.Revoked {
		fmt.Fprintf(w, "%s does not count any more: a later epoch began before revision %d\n", h, h.Revision)
	}
	for _, p := range v.Problems {
		fmt.Fprintln(w, p)
	}
	switch n := len(v.Problems); {
	case n > 0:
		_, err = fmt.Fprintf(w, "the audit log of %s was tampered with: %s\n", v.Environment, count(n, "problem"))
	case v.Head == nil:
		_, err = fmt.Fprintf(w, "the audit log of %s is empty\n", v.Environment)
	default:
		fmt.Fprintf(w, "the audit log of %s is whole: revisions 1 to %d", v.Environment, v.Entries)
		if v.Compared > 0 {
			fmt.Fprintf(w, ", and continues %s that had been seen", count(v.Compared, "head"))
		}
		_, err = fmt.Fprintf(w, "\nhead %s\n", v.Head)
	}
	return err
}

func newAuditProveCommand() *cobra.Command {
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "prove REVISION [DIR]",
		Short: "Prove to others that a revision is in the audit log",
		Long: `Prove prints the entry of a revision with an inclusion proof as in RFC 6962, section 2.1.1.
Anybody who has a later head, from any manifest, can check with it that the entry belongs
to what was signed: hash the leaf with each line of the proof.`,
		Example: `  publisher audit prove 41
  publisher audit prove 41 shop --format json`,
		Args: argumentsAndDirectory(1, "a revision"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args[1:])
			if err != nil {
				return err
			}
			revision, err := parseRevision(args[0])
			if err != nil {
				return err
			}
			proof, err := workspace(cmd, dir).ProveRevision(cmd.Context(), revision)
			if err != nil {
				return err
			}
			return format.write(cmd.OutOrStdout(), proof, func(w io.Writer) error { return writeProof(w, proof) })
		},
	}
	format = addFormat(cmd)
	return cmd
}

func writeProof(w io.Writer, p *audit.Inclusion) error {
	l := &p.Leaf
	fmt.Fprintf(w, "revision %d is entry %d of %d in the audit log of %s\n", l.Revision, p.Index+1, p.Head.Revision, l.Environment)
	fmt.Fprintf(w, "%s by %s at %s: %s\n", l.Action, cmp.Or(l.Actor, "nobody named"), l.Time.Format(time.RFC3339), l.Message)
	fmt.Fprintf(w, "leaf   %s\n", p.LeafHash)
	for _, hash := range p.Proof {
		fmt.Fprintf(w, "proof  %s\n", hash)
	}
	_, err := fmt.Fprintf(w, "root   %s\n", p.Head.Root)
	return err
}
