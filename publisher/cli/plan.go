package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/declaration"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// Exit statuses of publisher plan --exit-code.
const (
	statusChanges exitStatus = 3 // a publish would change something
	statusStopped exitStatus = 4 // and a gate stops it
)

// planFlags are the flags by which a plan is made.
type planFlags struct {
	requests string
	basis    basisFlags
}

func (f *planFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.requests, "requests", "", "`file` of recorded requests, one JSON body of /api/v1/assign a line, to estimate on")
	f.basis.add(cmd)
}

type planOptions struct {
	planFlags
	at       string
	format   string
	exitCode bool
}

func newPlanCommand() *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan DIR",
		Short: "Say what a publish would do, before it does it",
		Long: `Plan compares a project directory with what is live in its bucket, and says what a
publish would do: what changes, in words; exactly how many of the eligible units are
given something else, counted on slots; what collides; what the payload costs before
and after; how long experiments take to detect their planned effect; and which gates
stop it. It writes nothing.

Shares are of eligible units: those that the audience matches, whose prerequisites hold,
and that are not held out both before and after. Schedules and ramps are looked at as of
now, or the time that --at names.

Audiences decide about requests and not about slots. Plan says how an audience that
changes lies to the one before, as far as the expressions tell, what those are given whom
it lets in or keeps out, and estimates on recorded requests how many these are: give them
with --requests.

The time that an experiment takes is computed where its file has an effect under
metrics. The baseline of the metric is taken from sortition.yaml and the new eligible
units a day from --traffic; with --measure, what is not given is measured from the events
of the last two weeks in the bucket, and plan says what becomes of the units that were
exposed in that time: about how many leave, and how many switch.

In another environment than production, the plan compares with what is live in production:
see publisher promote.

Exit status: 0 done, 1 failed, 2 wrong usage or configuration. With --exit-code, 0 means
that nothing changes, 3 that something does, and 4 that a gate stops it.`,
		Example: `  publisher plan shop
  publisher plan shop --at 2026-03-02T09:00:00Z --requests requests.jsonl
  publisher plan shop --traffic 40000 --format markdown > comment.md
  publisher plan shop --exit-code --format json | jq '.experiments[].movements[].switch'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.format, "format", "text", "text, json or markdown")
	flags.StringVar(&o.at, "at", "", "`time` as of which to plan, in RFC 3339 form (default: now)")
	flags.BoolVar(&o.exitCode, "exit-code", false, "say by the exit status whether something changes")
	o.add(cmd)
	return cmd
}

var planWriters = map[string]func(io.Writer, *plan.Plan) error{
	"text": plan.WriteText, "json": plan.WriteJSON, "markdown": plan.WriteMarkdown,
}

func (o *planOptions) run(cmd *cobra.Command, dir string) error {
	write := planWriters[o.format]
	if write == nil {
		return fmt.Errorf("--format %q: use text, json or markdown", o.format)
	}
	now := time.Now()
	if o.at != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, o.at); err != nil {
			return fmt.Errorf("--at %s: write the time as 2026-01-31T12:00:00Z", o.at)
		}
	}
	r, err := openRemote(cmd, dir, config.Load)
	if err != nil {
		return err
	}
	live, err := r.live(cmd.Context())
	if err != nil {
		return err
	}
	on, err := r.basis(cmd.Context(), live)
	if err != nil {
		return err
	}
	next, err := compileProject(r, on, now)
	if err != nil {
		return err
	}
	p, err := o.plan(cmd, r, on, next, now, nil)
	if err != nil {
		return err
	}
	if err := write(cmd.OutOrStdout(), p); err != nil {
		return failed(err)
	}
	switch {
	case !o.exitCode || !p.Changes:
		return nil
	case len(p.Stopped()) > 0:
		return statusStopped
	}
	return statusChanges
}

// basis is the live revision whose allocations a payload continues: that of the production
// environment.
type basis struct {
	*remote
	live *revision.Revision // nil before the first revision
	base *audit.Origin      // nil if it is the environment that they are published to
}

// basis finds the basis of a payload that is published after live.
func (r *remote) basis(ctx context.Context, live *revision.Revision) (*basis, error) {
	if r.project.Production == nil {
		return &basis{remote: r, live: live}, nil
	}
	production, err := r.in(ctx, r.project.Production)
	if err != nil {
		return nil, err
	}
	if live, err = production.live(ctx); err != nil {
		return nil, err
	}
	return &basis{production, live, publish.OriginOf(production.project.Environment, live)}, nil
}

// compileProject compiles what a publish would follow the live revision with.
func compileProject(r *remote, on *basis, now time.Time) (plan.State, error) {
	program, err := compile.Program(r.project, on.live.Ledger(), now)
	if err != nil {
		return plan.State{}, err
	}
	raw, err := compile.PayloadAfter(program, on.live.Reader())
	if err != nil {
		return plan.State{}, err
	}
	reader, err := payload.NewReader(raw)
	if err != nil {
		return plan.State{}, err
	}
	return plan.State{Environment: r.project.Environment, Program: program, Declaration: declaration.Of(r.project), Payload: reader}, nil
}

// plan compares a compiled project with what it is built on. Gates named in overrides are
// noted as overridden.
func (f *planFlags) plan(cmd *cobra.Command, r *remote, on *basis, after plan.State, now time.Time, overrides []string) (*plan.Plan, error) {
	before, err := liveState(cmd.Context(), on.remote, on.live)
	if err != nil {
		return nil, failed(err)
	}
	p := plan.Compare(before, after, now)
	if p.Cost, err = plan.MeasureCosts(before, after); err != nil {
		return nil, failed(err)
	}
	p.Check(before, after, r.project, overrides)
	if f.requests != "" {
		file, err := os.Open(f.requests)
		if err != nil {
			return nil, fmt.Errorf("--requests: %w", err)
		}
		defer file.Close()
		if p.Requests, err = plan.Replay(file, before, after, now); err != nil {
			return nil, failed(fmt.Errorf("%s: %w", f.requests, err))
		}
	}
	return p, f.basis.complete(cmd, p, on.remote, before, after, now)
}

// liveState is what is live, with the declaration of its directory; nil if nothing is.
func liveState(ctx context.Context, r *remote, live *revision.Revision) (*plan.State, error) {
	if live == nil {
		return nil, nil
	}
	declared, err := revision.DeclarationOf(ctx, r.store, live.Manifest)
	if err != nil {
		return nil, err
	}
	return &plan.State{Environment: live.Manifest.Environment, Revision: live.Manifest.Revision, Program: live.Program, Declaration: declared, Payload: live.Reader()}, nil
}
