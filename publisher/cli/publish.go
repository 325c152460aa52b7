package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/declaration"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

type publishOptions struct {
	revisionFlags
	planFlags
	consentFlags
	force bool
	offer *bundle.Canary // to whom the revision is offered; nil for every host
}

func newPublishCommand() *cobra.Command {
	var o publishOptions
	cmd := &cobra.Command{
		Use:   "publish DIR",
		Short: "Compile, sign and publish a project to its bucket",
		Long: `Publish compiles the running and paused experiments and flags of a project directory,
signs the outcome, and commits it to the project's bucket as a new revision. Hosts that
follow the bucket switch to it at their next poll.

Units that an experiment has enrolled stay where they are: publish continues the
allocations of the live revision. What was killed, and what a ramp was told, by command
stays so. If nothing changes, nothing is published.

In another environment than production (--environment), the payload continues what is live
in production instead, and the plan and the gates say what it would change there: so
publisher promote moves nobody else.

It tries the tests that the files have, as publisher test does; if one fails, nothing is
published. It shows the plan, as publisher plan makes it, on standard error, and asks. In
scripts give --yes; without it and without a terminal nothing is published. A plan that
breaks a gate is not published, unless the gate is overridden by name and with a reason,
which the audit log keeps.

The keys are files, encrypted or not, or env:VARIABLE, or exec:COMMAND for a program that
keeps the key to itself: COMMAND public prints the public key as PEM, COMMAND sign reads
what is to be signed and prints the signature in base64. Where the root wants several
signatures, name as many keys.

The bucket's credentials come from the usual AWS environment variables and files.`,
		Example: `  publisher publish .
  publisher publish . --message 'checkout_button to 50%' --yes
  publisher publish . --override affected --reason 'the old menu is broken' --yes
  publisher publish . --environment staging --yes
  publisher publish . --force     # the same payload with a new expiry`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, args[0])
		},
	}
	o.revisionFlags.add(cmd)
	o.planFlags.add(cmd)
	o.consentFlags.add(cmd)
	cmd.Flags().BoolVar(&o.force, "force", false, "publish even if nothing changed")
	return cmd
}

func (o *publishOptions) run(cmd *cobra.Command, dir string) error {
	if err := o.consentFlags.check(cmd); err != nil {
		return err
	}
	p, err := o.open(cmd, dir, config.Load)
	if err != nil {
		return err
	}
	declared, err := declaration.Of(p.project).Encode()
	if err != nil {
		return err
	}
	var before, program *model.Program
	var work payload.Work
	p.Force = o.force
	if o.offer != nil {
		p.Action, p.Canary = audit.StartCanary, o.offer
	}
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		on, err := p.basis(cmd.Context(), live)
		if err != nil {
			return nil, err
		}
		before = nil
		if on.live != nil {
			before = on.live.Program
		}
		if err := requireTests(cmd.ErrOrStderr(), p.project, on.live.Ledger(), p.Now()); err != nil {
			return nil, err
		}
		next, err := compileProject(p.remote, on, p.Now())
		if err != nil {
			return nil, err
		}
		program = next.Program
		if work, err = next.Payload.Work(); err != nil {
			return nil, err
		}
		planned, err := o.plan(cmd, p.remote, on, next, p.Now(), o.overrides)
		if err != nil {
			return nil, err
		}
		if err := o.consent(cmd, planned); err != nil {
			return nil, err
		}
		return &publish.Built{Payload: next.Payload.Raw(), Declaration: declared, Base: on.base, Overrides: o.noted(planned)}, nil
	}
	result, err := p.publish(cmd)
	if err != nil {
		return err
	}
	if o.format == "json" {
		return writePublishedJSON(cmd.OutOrStdout(), program, work, result)
	}
	writePublished(cmd.OutOrStdout(), program, work, result)
	for _, line := range plan.Kept(before, program) {
		fmt.Fprintln(cmd.OutOrStdout(), line)
	}
	return nil
}

func writePublished(w io.Writer, program *model.Program, work payload.Work, r *publish.Result) {
	m := r.Manifest
	if !r.Published {
		fmt.Fprintf(w, "nothing changed: revision %d of %s is live\n", m.Revision, m.Environment)
		return
	}
	experiments, flags := countKinds(program)
	fmt.Fprintf(w, "published revision %d of %s: %s, %s\n", m.Revision, m.Environment,
		count(experiments, "experiment"), count(flags, "flag"))
	if c := m.Canary; c != nil {
		fmt.Fprintf(w, "offered to %s; all others stay with revision %d\n", describeCanary(c), c.Stable)
	}
	fmt.Fprintf(w, "payload %s\n", m.Payload.Raw.SHA256)
	fmt.Fprintf(w, "%d bytes, %d with gzip, %d with zstd; fresh until %s\n",
		m.Payload.Raw.Size, m.Payload.Gzip.Size, m.Payload.Zstd.Size, m.Expires.Format(time.RFC3339))
	for _, a := range m.Applications {
		fmt.Fprintf(w, "application %s: %d bytes, %d with gzip, %d with zstd\n",
			a.Name, a.Payload.Raw.Size, a.Payload.Gzip.Size, a.Payload.Zstd.Size)
	}
	fmt.Fprintf(w, "a request costs %s\n", work)
	fmt.Fprintf(w, "audit head %s\n", audit.HeadOf(m))
}

// published is the JSON form of a result.
type published struct {
	Published   bool           `json:"published"`
	Environment string         `json:"environment"`
	Epoch       uint64         `json:"epoch"`
	Revision    uint64         `json:"revision"`
	Canary      *bundle.Canary `json:"canary"` // null if it is for every host
	Expires     time.Time      `json:"expires"`
	Head        audit.Head     `json:"head"` // of the audit log
	Experiments int            `json:"experiments"`
	Flags       int            `json:"flags"`
	Payload     bundle.Payload `json:"payload"`

	Applications []bundle.Application `json:"applications,omitempty"` // and the payload of each

	Work payload.Work `json:"work"` // the most that a request can cost
	Kept []kept       `json:"kept"` // what was done by command
}

func writePublishedJSON(w io.Writer, program *model.Program, work payload.Work, r *publish.Result) error {
	m := r.Manifest
	experiments, flags := countKinds(program)
	return writeJSON(w, published{
		Published: r.Published, Environment: m.Environment, Epoch: m.Epoch, Revision: m.Revision, Canary: m.Canary,
		Expires: m.Expires, Head: audit.HeadOf(m), Experiments: experiments, Flags: flags, Payload: m.Payload, Applications: m.Applications, Work: work,
		Kept: keptOperations(program),
	})
}

func countKinds(p *model.Program) (experiments, flags int) {
	for _, e := range p.Experiments {
		if e.Kind == model.KindFlag {
			flags++
		} else {
			experiments++
		}
	}
	return experiments, flags
}
