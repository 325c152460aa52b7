package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

type rollbackOptions struct {
	revisionFlags
	consent consentFlags
	to      uint64
}

func newRollbackCommand() *cobra.Command {
	var o rollbackOptions
	cmd := &cobra.Command{
		Use:   "rollback [DIR]",
		Short: "Publish an earlier payload again",
		Long: `Rollback takes what is live in the bucket of the project in DIR (default: the current
directory) back: it publishes an earlier payload as a new revision, by default the last
that was another one. The payload is the very one that was live then, byte for byte, and
is still in the bucket; hosts have it with their next poll. The experiments and flags of
the directory are not read, so mistakes there do not matter.

It shows what changes on standard error, and asks. In scripts give --yes. No gate stops
a rollback. It ends a canary that is under way: every host gets the payload that the
rollback goes back to, by default the one of the hosts outside of the canary. To go back
to what only a canary had, give the number of its revision.

Two things stay: what was killed by command since stays killed, in a payload that is the
earlier one but for that; and what was allocated since is not free, so that the next
publish from the directory gives no slot and no phase away that was used.

Publish the directory again once it says what you want, or the next publish brings back
what you have just taken back.`,
		Example: `  publisher history
  publisher rollback -m 'checkout is slow'
  publisher rollback shop --to 41 -m 'checkout is slow' --yes`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, directory(args))
		},
	}
	o.add(cmd)
	o.consent.addYes(cmd)
	cmd.Flags().Uint64Var(&o.to, "to", 0, "`revision` whose payload to publish (default: the last with another payload for every host)")
	return cmd
}

// directory is the argument that names a project, or the current directory.
func directory(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

func (o *rollbackOptions) run(cmd *cobra.Command, dir string) error {
	if o.message == "" {
		return errors.New("say why, for the audit log: --message 'checkout is slow'")
	}
	if cmd.Flags().Changed("to") && o.to == 0 {
		return errors.New("--to: revisions count from 1")
	}
	if err := o.consent.check(cmd); err != nil {
		return err
	}
	p, err := o.open(cmd, dir, config.LoadTarget)
	if err != nil {
		return err
	}
	var back *rolledBack
	var over *revision.Revision // the canary that this ends
	p.Action = audit.Rollback
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		if back, err = o.target(cmd, p.remote, live); err != nil {
			return nil, err
		}
		if over = nil; live.Stable != nil {
			over = live
		} else if bytes.Equal(back.state.Payload.Raw(), live.Payload) {
			return nil, publish.ErrUnchanged
		}
		before, err := liveState(cmd.Context(), p.remote, live)
		if err != nil {
			return nil, err
		}
		if err := o.consent.consent(cmd, plan.Compare(before, back.state, p.Now())); err != nil {
			return nil, err
		}
		return &publish.Built{Payload: back.state.Payload.Raw(), Declaration: back.declaration, Base: back.base, Withdraws: true}, nil
	}
	result, err := p.publish(cmd)
	if err != nil {
		return err
	}
	if over != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "the canary of revision %d is over: every host goes back to revision %d\n", over.Number(), back.state.Revision)
	}
	return back.write(cmd.OutOrStdout(), o.format, result)
}

// rolledBack is what a rollback goes back to.
type rolledBack struct {
	state       plan.State    // of the earlier revision, with the kills that stay
	declaration []byte        // nil if the earlier revision has none
	base        *audit.Origin // of the earlier revision
	kept        []model.Kill
}

// target finds what to go back to.
func (o *rollbackOptions) target(cmd *cobra.Command, r *remote, live *revision.Revision) (*rolledBack, error) {
	if live == nil {
		return nil, fmt.Errorf("nothing is live in %s yet", r.project.Environment)
	}
	chain, err := r.chain(cmd.Context())
	if err != nil {
		return nil, err
	}
	var old *revision.Revision
	switch {
	case o.to == 0:
		old, err = revision.Before(cmd.Context(), r.store, chain, live)
	case o.to >= live.Number():
		return nil, fmt.Errorf("--to %d: revision %d is live, go back to an earlier one; publisher history lists them", o.to, live.Number())
	default:
		old, err = revision.At(cmd.Context(), r.store, chain, r.project.Environment, o.to)
	}
	if errors.Is(err, bundle.ErrNotFound) {
		return nil, fmt.Errorf("%w: its payload was deleted from the bucket; choose another with --to", err)
	}
	if err != nil {
		return nil, err
	}
	state, err := liveState(cmd.Context(), r, old)
	if err != nil {
		return nil, err
	}
	entry, err := audit.ReadEntry(cmd.Context(), r.store, old.Manifest)
	if err != nil {
		return nil, err
	}
	back := &rolledBack{state: *state, base: entry.Leaf.Base}
	if state.Declaration != nil {
		if back.declaration, err = state.Declaration.Encode(); err != nil {
			return nil, err
		}
	}
	return back, back.keepKills(live.Program)
}

// keepKills throws the kill switches again that were thrown since.
func (b *rolledBack) keepKills(live *model.Program) error {
	for _, k := range live.Ledger.Kills {
		if !slices.ContainsFunc(b.state.Program.Ledger.Kills, func(old model.Kill) bool { return old.Key == k.Key }) {
			b.kept = append(b.kept, k)
		}
	}
	if len(b.kept) == 0 {
		return nil
	}
	raw, program, err := compile.Patch(b.state.Payload.Raw(), compile.KeepKills(live))
	if err != nil {
		return err
	}
	b.state.Program = program
	b.state.Payload, err = payload.NewReader(raw)
	return err
}

// rollback is the JSON form of what came of it.
type rollback struct {
	Published   bool           `json:"published"`
	Environment string         `json:"environment"`
	Epoch       uint64         `json:"epoch"`
	Revision    uint64         `json:"revision"`
	To          uint64         `json:"to"` // the revision whose payload it is
	Head        audit.Head     `json:"head"`
	Payload     bundle.Payload `json:"payload"`
	Killed      []string       `json:"killed"` // what was killed since and stays so
}

func (b *rolledBack) write(w io.Writer, format string, r *publish.Result) error {
	m, to := r.Manifest, b.state.Revision
	keys := []string{}
	for _, k := range b.kept {
		keys = append(keys, k.Key)
	}
	if format == "json" {
		return writeJSON(w, rollback{r.Published, m.Environment, m.Epoch, m.Revision, to, audit.HeadOf(m), m.Payload, keys})
	}
	if !r.Published {
		fmt.Fprintf(w, "nothing to roll back: revision %d of %s has what revision %d had\n", m.Revision, m.Environment, to)
		return nil
	}
	fmt.Fprintf(w, "rolled back to revision %d: revision %d of %s\n", to, m.Revision, m.Environment)
	fmt.Fprintf(w, "payload %s\n", m.Payload.Raw.SHA256)
	for _, key := range keys {
		fmt.Fprintf(w, "%s was killed since, and stays so\n", key)
	}
	return nil
}
