package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/declaration"
	"github.com/sortition-dev/sortition/publisher/revision"
)

func newHistoryCommand() *cobra.Command {
	var limit int
	var format string
	cmd := &cobra.Command{
		Use:   "history [DIR]",
		Short: "Say who published what, when and why, and what it changed",
		Long: `History lists the revisions of a project's bucket, newest first: who made each, when,
why, by what command, and what of the directory it changed. DIR is the current directory
if not given. Use publisher diff for how two revisions differ in detail.`,
		Example: `  publisher history
  publisher history shop --limit 5
  publisher history shop --limit 0 --format json | jq '.[] | select(.action == "kill")'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if limit < 0 {
				return errors.New("--limit: must not be negative")
			}
			r, err := openRemote(cmd, directory(args), config.LoadTarget)
			if err != nil {
				return err
			}
			past, err := r.past(cmd.Context(), limit)
			if err != nil {
				return failed(err)
			}
			if format == "json" {
				return writeJSON(cmd.OutOrStdout(), past)
			}
			writePast(cmd.OutOrStdout(), past)
			return nil
		},
	}
	cmd.Flags().IntVar(&limit, "limit", defaultLogLimit, "how many revisions; 0 is all")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// pastRevision is one revision of the past.
type pastRevision struct {
	Revision  uint64       `json:"revision"`
	Epoch     uint64       `json:"epoch"`
	Time      time.Time    `json:"time"`
	Action    audit.Action `json:"action"`
	Actor     string       `json:"actor"`
	Message   string       `json:"message"`
	Payload   bundle.Hash  `json:"payload"`
	Overrides []string     `json:"overrides"`
	// From is the revision of another environment that was promoted, and Base the one that
	// the payload continues, to be promoted; null in all other cases.
	From *audit.Origin `json:"from"`
	Base *audit.Origin `json:"base"`
	// Changes are those of the directory since the revision before; null if it is not
	// known what either said.
	Changes []declaration.Change `json:"changes"`
}

// past lists the newest revisions, of which there are limit, or all if that is 0.
func (r *remote) past(ctx context.Context, limit int) ([]pastRevision, error) {
	log, err := r.auditLog(ctx)
	if err != nil {
		return nil, err
	}
	var entries []*audit.Entry
	for e, err := range log.Backward(ctx) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
		if limit > 0 && len(entries) > limit {
			break // one more, to compare with
		}
	}
	known := declarations{source: r.store, known: map[bundle.Hash]*declaration.Declaration{}}
	past := []pastRevision{}
	for i, e := range entries {
		if limit > 0 && i == limit {
			break
		}
		x := pastRevision{
			Revision: e.Leaf.Revision, Epoch: e.Leaf.Epoch, Time: e.Leaf.Time, Action: e.Leaf.Action,
			Actor: e.Leaf.Actor, Message: e.Leaf.Message, Payload: e.Leaf.Payload, Overrides: e.Leaf.Overrides,
			From: e.Leaf.From, Base: e.Leaf.Base,
		}
		var before bundle.Hash
		if i+1 < len(entries) {
			before = entries[i+1].Leaf.Declaration
		}
		if x.Changes, err = known.compare(ctx, before, e.Leaf.Declaration, e.Leaf.Revision == 1); err != nil {
			return nil, err
		}
		past = append(past, x)
	}
	return past, nil
}

// declarations reads declarations, each once.
type declarations struct {
	source bundle.Source
	known  map[bundle.Hash]*declaration.Declaration // nil for one that is gone
}

// compare tells what changed between two declarations; nil if one of them is not known.
func (d *declarations) compare(ctx context.Context, before, after bundle.Hash, first bool) ([]declaration.Change, error) {
	if before == after {
		return []declaration.Change{}, nil
	}
	b, err := d.read(ctx, before)
	if err != nil {
		return nil, err
	}
	a, err := d.read(ctx, after)
	if err != nil || a == nil || b == nil && !first {
		return nil, err
	}
	return declaration.Compare(b, a), nil
}

func (d *declarations) read(ctx context.Context, hash bundle.Hash) (*declaration.Declaration, error) {
	if r, known := d.known[hash]; known || hash == (bundle.Hash{}) {
		return r, nil
	}
	r, err := revision.ReadDeclaration(ctx, d.source, hash)
	d.known[hash] = r
	return r, err
}

func writePast(w io.Writer, past []pastRevision) {
	for _, x := range past {
		fmt.Fprintf(w, "%d  %s  %s", x.Revision, x.Time.Format(time.RFC3339), x.Action)
		fmt.Fprintf(w, " by %s", cmp.Or(x.Actor, "nobody named"))
		if x.Message != "" {
			fmt.Fprintf(w, ": %s", x.Message)
		}
		fmt.Fprintln(w)
		if x.From != nil {
			fmt.Fprintf(w, "      revision %d of %s\n", x.From.Revision, x.From.Environment)
		}
		for _, gate := range x.Overrides {
			fmt.Fprintf(w, "      overridden: %s\n", gate)
		}
		for _, line := range changeLines(x.Changes) {
			fmt.Fprintf(w, "      %s\n", line)
		}
	}
}

// changeLines has a line for each part of the directory that changed.
func changeLines(changes []declaration.Change) []string {
	var lines []string
	for _, c := range changes {
		line := strings.Join(slices.DeleteFunc([]string{c.What, c.Key, string(c.Action)}, func(s string) bool { return s == "" }), " ")
		if c.Action == declaration.Changed {
			var fields []string
			for _, d := range c.Details {
				if !slices.Contains(fields, d.Field) {
					fields = append(fields, d.Field)
				}
			}
			line += ": " + strings.Join(fields, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}
