package cli

import (
	"errors"
	"fmt"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/publish"
)

// rootWarning is how long before its expiry a root is warned about: time for a ceremony
// with people who are on leave.
const rootWarning = 60 * 24 * time.Hour

// revisionFlags are the flags of all commands that make a revision.
type revisionFlags struct {
	keys            keyFlags
	author, message string
	validity        time.Duration
	format          string
}

func (f *revisionFlags) add(cmd *cobra.Command) {
	f.keys.add(cmd, " (default: $"+keyVariable+", $"+keyFileVariable+" or the project's keys)")
	flags := cmd.Flags()
	flags.StringVar(&f.author, "author", "", "who publishes (default: the name of the user)")
	flags.StringVarP(&f.message, "message", "m", "", "why, in one line")
	flags.DurationVar(&f.validity, "valid-for", publish.DefaultValidity, "how long hosts call the revision fresh")
	flags.StringVar(&f.format, "format", "text", "text or json")
}

// publication is a publication of a project, to which the command adds what it
// publishes.
type publication struct {
	*remote
	publish.Publication
}

// open opens the project, its bucket and the keys.
func (f *revisionFlags) open(cmd *cobra.Command, dir string, load loader) (*publication, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	r, err := openRemote(cmd, dir, load)
	if err != nil {
		return nil, err
	}
	return f.publication(cmd, r)
}

func (f *revisionFlags) check() error {
	if f.validity < time.Second {
		return errors.New("--valid-for: must be at least a second")
	}
	return checkFormat(f.format)
}

// publication opens the keys.
func (f *revisionFlags) publication(cmd *cobra.Command, r *remote) (*publication, error) {
	signers, err := f.keys.project(cmd, r.project.Keys)
	if err != nil {
		return nil, err
	}
	seen, err := readSeen(r.project)
	if err != nil {
		return nil, err
	}
	return &publication{r, publish.Publication{
		Store: r.store, Root: r.root, RootEnvelope: r.envelope, Signers: signers,
		Environment: r.project.Environment, Author: f.by(), Message: f.message,
		Validity: f.validity, Now: time.Now, Seen: seen,
		Progress: func(step string) { fmt.Fprintf(cmd.ErrOrStderr(), "%s\n", step) },
	}}, nil
}

// publish publishes, and remembers the head of the audit log.
func (p *publication) publish(cmd *cobra.Command) (*publish.Result, error) {
	result, err := p.Publish(cmd.Context())
	if err != nil {
		return nil, failed(explainSeen(p.project, err))
	}
	if result.HintErr != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s could not be renewed (%v); hosts find the revision within a minute\n",
			bundle.LatestName, result.HintErr)
	}
	if err := writeSeen(p.project, audit.HeadOf(result.Manifest)); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: the head of the audit log could not be remembered: %v\n", err)
	}
	p.warnRoot(cmd, result.Root)
	return result, nil
}

// warnRoot says what to do about the newest root before it is urgent.
func (p *publication) warnRoot(cmd *cobra.Command, newest *bundle.Root) {
	if newest.Version > p.root.Version {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s is root %d, and hosts follow root %d: replace it by the bucket's %s\n",
			p.project.Root, p.root.Version, newest.Version, bundle.RootName(newest.Version))
	}
	if left := newest.Expires.Sub(p.Now()); left < rootWarning {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: root %d expires at %s, and hosts call everything stale from then on: draft the next with publisher root rotate\n",
			newest.Version, newest.Expires.Format(time.RFC3339))
	}
}

func (f *revisionFlags) by() string {
	if f.author != "" {
		return f.author
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format %q: use text or json", format)
	}
	return nil
}
