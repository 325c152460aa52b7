package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

// publishFlags are the flags of commands that publish a project.
type publishFlags struct {
	signingFlags
	planFlags
	approvalFlags
	format *formatValue
}

func (f *publishFlags) add(cmd *cobra.Command) {
	f.signingFlags.add(cmd)
	f.planFlags.add(cmd)
	f.approvalFlags.add(cmd)
	f.addOverrides(cmd)
	addFresh(cmd)
	f.format = addFormat(cmd)
}

func newPublishCommand() *cobra.Command {
	var f publishFlags
	var in control.PublishInput
	cmd := &cobra.Command{
		Use:   "publish [DIR]",
		Short: "Compile, sign and publish a project to its bucket",
		Long: `Publish compiles the running and paused experiments and flags of a project, signs the
result, and commits it to the project's bucket as a new revision. Hosts that follow the
bucket switch to it at their next poll.

Units keep their variants: publish continues the allocations of the live revision.
Kills and ramp operations by command stay in force. If nothing changes, nothing is
published.

In a staging environment (--environment), the payload continues what is live in the
environment that it is promoted to, and the plan and the gates are about that one. So
publisher promote moves no unit that the plan does not name.

Publish runs the tests in the files first, as publisher test does. If one fails, nothing
is published. It shows the plan, as publisher plan does, on standard error, and asks. In
scripts give --yes; without it and without a terminal nothing is published. A gate stops
a plan unless you override the gate by name and with a reason, which the audit log keeps.

A key is a file, encrypted or not, or env:VARIABLE, or exec:COMMAND for a program that
keeps the key to itself: COMMAND public prints the public key as PEM, COMMAND sign reads
what to sign and prints the signature in base64. Where the root demands several
signatures, name as many keys.

The bucket's credentials come from the usual AWS environment variables and files.`,
		Example: `  publisher publish
  publisher publish shop --message 'checkout_button to 50%' --yes
  publisher publish --override affected --reason 'the old menu is broken' --yes
  publisher publish --environment staging --yes
  publisher publish --dry-run
  publisher publish --force     # the same payload with a new expiry`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := f.run(cmd, args, in)
			return err
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&in.Force, "force", false, "publish even if nothing changed")
	return cmd
}

// run publishes a project, or shows the plan of it. The result is nil if it does not publish.
func (f *publishFlags) run(cmd *cobra.Command, args []string, in control.PublishInput) (*control.Published, error) {
	dir, err := directory(args)
	if err != nil {
		return nil, err
	}
	if err := f.check(cmd); err != nil {
		return nil, err
	}
	if err := f.approvalFlags.open(cmd); err != nil {
		return nil, err
	}
	closeRequests, err := f.planFlags.open()
	if err != nil {
		return nil, err
	}
	defer closeRequests()
	w := workspace(cmd, dir, f.options(cmd), withEvents(&f.cache))
	in.Signing, in.Approval, in.Plan = f.Signing, f.Approval, f.PlanInput
	if f.dryRun {
		p, err := w.PlanPublish(cmd.Context(), in)
		if err != nil {
			return nil, err
		}
		return nil, planWriters[f.format.value](cmd.OutOrStdout(), p)
	}
	p, err := w.Publish(cmd.Context(), in)
	if err != nil {
		return nil, err
	}
	warn(cmd, p.Warnings)
	return p, f.format.write(cmd.OutOrStdout(), p, func(w io.Writer) error { return writePublished(w, p) })
}

func writePublished(w io.Writer, p *control.Published) error {
	if p.Published {
		writeNewRevision(w, p)
	} else {
		fmt.Fprintf(w, "nothing changed: revision %d of %s is live\n", p.Revision, p.Environment)
	}
	var err error
	for _, line := range p.Plan.Kept {
		_, err = fmt.Fprintln(w, line)
	}
	return err
}

func writeNewRevision(w io.Writer, p *control.Published) {
	fmt.Fprintf(w, "published revision %d of %s: %s, %s\n", p.Revision, p.Environment,
		count(p.Experiments, "experiment"), count(p.Flags, "flag"))
	if p.Canary != nil {
		fmt.Fprintf(w, "offered to %s; all other hosts stay with revision %d\n", describeCanary(p.Canary), p.Canary.Stable)
	}
	fmt.Fprintf(w, "payload %s\n", p.Payload.Raw.SHA256)
	fmt.Fprintf(w, "%d bytes, %d with gzip, %d with zstd; fresh until %s\n",
		p.Payload.Raw.Size, p.Payload.Gzip.Size, p.Payload.Zstd.Size, p.Expires.Format(time.RFC3339))
	for _, a := range p.Applications {
		fmt.Fprintf(w, "application %s: %d bytes, %d with gzip, %d with zstd\n",
			a.Name, a.Payload.Raw.Size, a.Payload.Gzip.Size, a.Payload.Zstd.Size)
	}
	fmt.Fprintf(w, "a request costs %s\n", p.Work)
	fmt.Fprintf(w, "audit head %s\n", p.Head)
}
