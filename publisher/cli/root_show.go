package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
)

type rootShowOptions struct{ before, format string }

func newRootShowCommand() *cobra.Command {
	var o rootShowOptions
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a root or a draft: its keys, who has signed, and what is missing",
		Example: `  publisher root show shop/keys/root.json
  publisher root show root-2.json --root shop/keys/root.json --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	cmd.Flags().StringVar(&o.before, "root", "", "`file` of the root that it follows, to see whether enough of that one's keys have signed")
	cmd.Flags().StringVar(&o.format, "format", "text", "text or json")
	return cmd
}

func (o *rootShowOptions) run(cmd *cobra.Command, path string) error {
	if err := checkFormat(o.format); err != nil {
		return err
	}
	draft, err := readDraft(path)
	if err != nil {
		return err
	}
	before, err := readRootBefore(o.before, draft.Root())
	if err != nil {
		return err
	}
	d := describeRoot(draft, before)
	if o.format == "json" {
		return writeJSON(cmd.OutOrStdout(), d)
	}
	writeRoot(cmd.OutOrStdout(), d)
	return nil
}

// rootDescription is a root as people and programs see it.
type rootDescription struct {
	Version  uint64      `json:"version"`
	SHA256   bundle.Hash `json:"sha256"` // of the document, whoever signed it
	Previous bundle.Hash `json:"previous"`
	Epoch    uint64      `json:"epoch"`
	Base     uint64      `json:"base"`
	Created  time.Time   `json:"created"`
	Expires  time.Time   `json:"expires"`

	Root    rootSigners  `json:"root"`
	Before  *rootSigners `json:"before,omitempty"` // the root keys of the root before
	Publish roleKeys     `json:"publish"`

	// Complete says that enough have signed. Where the root before is not known, it
	// speaks of this root's own keys alone.
	Complete bool `json:"complete"`
}

// rootSigners are those who may sign a root.
type rootSigners struct {
	Threshold int          `json:"threshold"`
	Keys      []rootSigner `json:"keys"`
}

type rootSigner struct {
	ID        bundle.Hash `json:"id"`
	Signature string      `json:"signature"` // signed, missing or wrong
}

type roleKeys struct {
	Threshold int           `json:"threshold"`
	Keys      []bundle.Hash `json:"keys"`
}

// describeRoot describes a draft; before is nil if it is not known.
func describeRoot(draft *bundle.Draft, before *bundle.Root) *rootDescription {
	r := draft.Root()
	own, complete := describeSigners(draft, rootHolders(r))
	d := &rootDescription{
		Version: r.Version, SHA256: r.Hash(), Previous: r.Previous, Epoch: r.Epoch, Base: r.Base,
		Created: r.Created, Expires: r.Expires,
		Root: own, Complete: complete,
		Publish: roleKeys{r.Roles.Publish.Threshold, r.Roles.Publish.Keys},
	}
	if before != nil {
		signers, done := describeSigners(draft, rootHolders(before))
		d.Before, d.Complete = &signers, complete && done
	}
	return d
}

func describeSigners(draft *bundle.Draft, h bundle.Holders) (rootSigners, bool) {
	p := draft.Progress(h)
	s := rootSigners{Threshold: h.Threshold}
	for _, group := range []struct {
		name string
		keys []bundle.PublicKey
	}{{"signed", p.Signed}, {"missing", p.Missing}, {"wrong", p.Wrong}} {
		for _, key := range group.keys {
			s.Keys = append(s.Keys, rootSigner{key.ID(), group.name})
		}
	}
	return s, p.Done()
}

// writeRoot writes a description for people.
func writeRoot(w io.Writer, d *rootDescription) {
	fmt.Fprintf(w, "root %d  %s\n", d.Version, d.SHA256)
	if d.Version > 1 {
		fmt.Fprintf(w, "follows root %d  %s\n", d.Version-1, d.Previous)
	}
	fmt.Fprintf(w, "epoch %d", d.Epoch)
	if d.Epoch > 1 {
		fmt.Fprintf(w, ", after revision %d", d.Base)
	}
	fmt.Fprintf(w, "; created %s, expires %s\n", d.Created.Format(time.RFC3339), d.Expires.Format(time.RFC3339))
	writeSigners(w, "root keys", &d.Root)
	if d.Before != nil {
		writeSigners(w, fmt.Sprintf("root keys of root %d", d.Version-1), d.Before)
	}
	fmt.Fprintf(w, "publishing keys, of which %d must sign:\n", d.Publish.Threshold)
	for _, id := range d.Publish.Keys {
		fmt.Fprintf(w, "           %s\n", id)
	}
	switch {
	case !d.Complete:
		fmt.Fprintln(w, "not complete: signatures are missing or wrong")
	case d.Version > 1 && d.Before == nil:
		fmt.Fprintf(w, "enough of its own keys have signed; whether enough of root %d's have, --root shows\n", d.Version-1)
	default:
		fmt.Fprintln(w, "complete")
	}
}

func writeSigners(w io.Writer, what string, s *rootSigners) {
	fmt.Fprintf(w, "%s, of which %d must sign:\n", what, s.Threshold)
	for _, key := range s.Keys {
		fmt.Fprintf(w, "  %-7s  %s\n", key.Signature, key.ID)
	}
}
