package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

type promoteOptions struct {
	revisionFlags
	consentFlags
	from     string
	revision uint64
	expect   string
	dryRun   bool
}

func newPromoteCommand() *cobra.Command {
	var o promoteOptions
	cmd := &cobra.Command{
		Use:   "promote [DIR]",
		Short: "Publish what was tested in another environment, byte for byte",
		Long: `Promote takes the payload that is live in another environment of the project in DIR
(default: the current directory), and publishes it: the same bytes, with the core that
they were tested with, signed by the keys of the environment that they are promoted to.
The experiments and flags of the directory are not read.

sortition.yaml names the other environments:

  environment: production
  bucket: s3://shop
  environments:
    staging: {bucket: s3://shop-staging}   # keys/staging/root.json, keys/staging/publish.key

What is published to one of them continues what is live in production, the environment
that environment: names, so that promoting it moves no unit that the plan does not name. If anything was published in
between, such as a kill, the payload is refused: publish it to the other environment
again, which keeps what was done, and test that. Heartbeats do not matter.

The other environment is verified with its own root. With --expect nothing is published but
the payload with that SHA-256, which publish prints: give the one that you have tested.

It shows what changes on standard error, and asks. In scripts give --yes. Gates stop it as
they stop a publish; what they require of files was asked for in the other environment.`,
		Example: `  publisher publish shop --environment staging --yes
  publisher promote shop --from staging --dry-run
  publisher promote shop --from staging --expect sha256:5b1c… -m 'tested on staging' --yes
  publisher promote shop --from development --environment staging`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, directory(args)) },
	}
	o.revisionFlags.add(cmd)
	o.consentFlags.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.from, "from", "", "`environment` whose payload to promote")
	flags.Uint64Var(&o.revision, "revision", 0, "its `revision` to promote (default: the live one)")
	flags.StringVar(&o.expect, "expect", "", "`SHA-256` that the payload must have, as sha256:HEX")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what changes, and publish nothing")
	return cmd
}

func (o *promoteOptions) run(cmd *cobra.Command, dir string) error {
	expected, err := o.check(cmd)
	if err != nil {
		return err
	}
	r, err := openRemote(cmd, dir, config.LoadGates)
	if err != nil {
		return err
	}
	from, err := r.source(cmd.Context(), o.from)
	if err != nil {
		return err
	}
	staged, err := o.find(cmd.Context(), from)
	if err != nil {
		return err
	}
	if raw := staged.state.Payload.Raw(); expected != nil && bundle.HashOf(raw) != *expected {
		return failed(fmt.Errorf("revision %d of %s has the payload sha256:%s, not the one of --expect: nothing was published",
			staged.state.Revision, o.from, bundle.HashOf(raw)))
	}
	if o.dryRun {
		return o.show(cmd, r, staged)
	}
	p, err := o.publication(cmd, r)
	if err != nil {
		return err
	}
	p.Action = audit.Promote
	toProduction := p.project.Production == nil
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		if toProduction && live != nil && bytes.Equal(live.Payload, staged.state.Payload.Raw()) && live.Manifest.Core == staged.tested.Core {
			return nil, publish.ErrUnchanged // also where it has been promoted, and so does not continue what is live
		}
		planned, err := o.plan(cmd.Context(), p.remote, live, staged)
		if err != nil {
			return nil, err
		}
		if err := o.consent(cmd, planned); err != nil {
			return nil, err
		}
		built := &publish.Built{
			Payload: staged.state.Payload.Raw(), Tested: staged.tested, Declaration: staged.declaration,
			From: publish.OriginOf(o.from, staged.live), Overrides: o.noted(planned),
		}
		if !toProduction {
			built.Base = staged.base
		}
		return built, nil
	}
	result, err := p.publish(cmd)
	if err != nil {
		return err
	}
	return staged.write(cmd.OutOrStdout(), o.revisionFlags.format, o.from, result)
}

// check finds what is wrong with the flags, and returns the hash that is expected, or nil.
func (o *promoteOptions) check(cmd *cobra.Command) (*bundle.Hash, error) {
	if o.from == "" {
		return nil, errors.New("say which environment's payload to promote: --from staging")
	}
	if cmd.Flags().Changed("revision") && o.revision == 0 {
		return nil, errors.New("--revision: revisions count from 1")
	}
	if err := o.revisionFlags.check(); err != nil {
		return nil, err
	}
	if !o.dryRun {
		if err := o.consentFlags.check(cmd); err != nil {
			return nil, err
		}
	}
	if o.expect == "" {
		return nil, nil
	}
	var h bundle.Hash
	if err := h.UnmarshalText([]byte(strings.TrimPrefix(o.expect, "sha256:"))); err != nil {
		return nil, fmt.Errorf("--expect %s: give the payload's SHA-256 as publish prints it: %w", o.expect, err)
	}
	return &h, nil
}

// source opens the environment that is promoted from.
func (r *remote) source(ctx context.Context, name string) (*remote, error) {
	project := r.project
	if project.Production != nil {
		project = project.Production
	}
	in, err := project.In(name)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	if in.Environment == r.project.Environment {
		return nil, fmt.Errorf("--from %s: a payload is promoted from another environment", name)
	}
	return r.in(ctx, in)
}

// staged is what is promoted.
type staged struct {
	live        *revision.Revision
	state       plan.State
	declaration []byte
	tested      *publish.Tested
	base        *audit.Origin
}

// find reads the revision that is promoted, and verifies all of it.
func (o *promoteOptions) find(ctx context.Context, from *remote) (*staged, error) {
	live, err := o.findLive(ctx, from)
	if err != nil {
		return nil, err
	}
	state, err := liveState(ctx, from, live)
	if err != nil {
		return nil, failed(err)
	}
	if state.Declaration == nil {
		return nil, failed(fmt.Errorf("the declaration of revision %d of %s is gone from its bucket: publish to %s again", state.Revision, o.from, o.from))
	}
	s := &staged{live: live, state: *state}
	if s.declaration, err = state.Declaration.Encode(); err != nil {
		return nil, failed(err)
	}
	if s.tested, err = publish.TestedWith(ctx, from.store, live.Manifest); err != nil {
		return nil, failed(err)
	}
	entry, err := audit.ReadEntry(ctx, from.store, live.Manifest)
	if err != nil {
		return nil, failed(err)
	}
	s.base = entry.Leaf.Base
	return s, nil
}

func (o *promoteOptions) findLive(ctx context.Context, from *remote) (*revision.Revision, error) {
	if o.revision != 0 {
		chain, err := from.chain(ctx)
		if err != nil {
			return nil, err
		}
		live, err := revision.At(ctx, from.store, chain, o.from, o.revision)
		return live, failed(err)
	}
	live, err := from.live(ctx)
	switch {
	case err != nil:
		return nil, err
	case live == nil:
		return nil, failed(fmt.Errorf("nothing is live in %s yet: publish to it with --%s %s", o.from, environmentFlag, o.from))
	case live.Stable != nil:
		return nil, failed(fmt.Errorf("a canary is under way in %s: end it, or say which revision to promote with --revision", o.from))
	}
	return live, nil
}

// plan compares what is promoted with what it is built on.
func (o *promoteOptions) plan(ctx context.Context, r *remote, live *revision.Revision, s *staged) (*plan.Plan, error) {
	on, err := r.basis(ctx, live)
	if err != nil {
		return nil, err
	}
	chain, err := on.chain(ctx)
	if err != nil {
		return nil, err
	}
	if err := publish.CheckContinues(ctx, on.store, chain, on.project.Environment, on.live, s.base); err != nil {
		if errors.Is(err, publish.ErrDiverged) {
			err = fmt.Errorf("revision %d of %s cannot be promoted: %w; publish to %s again, test that, and promote it", s.state.Revision, o.from, err, o.from)
		}
		return nil, err
	}
	before, err := liveState(ctx, on.remote, on.live)
	if err != nil {
		return nil, err
	}
	p := plan.Compare(before, s.state, time.Now())
	p.Environment = r.project.Environment
	if p.Cost, err = plan.MeasureCosts(before, s.state); err != nil {
		return nil, err
	}
	p.Check(before, s.state, r.project, o.overrides)
	return p, nil
}

// show shows the plan, and where a promotion would be stopped.
func (o *promoteOptions) show(cmd *cobra.Command, r *remote, s *staged) error {
	live, err := r.live(cmd.Context())
	if err != nil {
		return err
	}
	p, err := o.plan(cmd.Context(), r, live, s)
	if err != nil {
		return failed(err)
	}
	return failed(planWriters[o.revisionFlags.format](cmd.OutOrStdout(), p))
}

// promoted is the JSON form of what came of a promotion.
type promoted struct {
	Published   bool           `json:"published"` // false if it was live already
	Environment string         `json:"environment"`
	Epoch       uint64         `json:"epoch"`
	Revision    uint64         `json:"revision"`
	From        audit.Origin   `json:"from"`
	Head        audit.Head     `json:"head"` // of the audit log
	Experiments int            `json:"experiments"`
	Flags       int            `json:"flags"`
	Payload     bundle.Payload `json:"payload"`
	Kept        []kept         `json:"kept"` // what was done by command
}

func (s *staged) write(w io.Writer, format, from string, r *publish.Result) error {
	m := r.Manifest
	if format == "json" {
		experiments, flags := countKinds(s.state.Program)
		return writeJSON(w, promoted{
			r.Published, m.Environment, m.Epoch, m.Revision, *publish.OriginOf(from, s.live),
			audit.HeadOf(m), experiments, flags, m.Payload, keptOperations(s.state.Program),
		})
	}
	if !r.Published {
		fmt.Fprintf(w, "nothing to promote: revision %d of %s has what revision %d of %s has\n", m.Revision, m.Environment, s.state.Revision, from)
		return nil
	}
	fmt.Fprintf(w, "promoted revision %d of %s: revision %d of %s\n", s.state.Revision, from, m.Revision, m.Environment)
	fmt.Fprintf(w, "payload %s\n", m.Payload.Raw.SHA256)
	fmt.Fprintf(w, "audit head %s\n", audit.HeadOf(m))
	return nil
}
