package cli

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/engines"
	"github.com/sortition-dev/sortition/publisher/analysis/mirror"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

// workspace opens the project that a command is about.
func workspace(cmd *cobra.Command, dir string, configure ...func(*control.Options)) *control.Workspace {
	o := control.Options{Environment: environmentOf(cmd), NoCache: isFresh(cmd), Progress: progress(cmd.ErrOrStderr())}
	for _, c := range configure {
		c(&o)
	}
	return control.Open(dir, o)
}

// signingFlags are the flags of all commands that make a revision.
type signingFlags struct {
	keys   keyFlags
	author string
	control.Signing
}

func (f *signingFlags) add(cmd *cobra.Command) {
	f.addWithoutMessage(cmd)
	cmd.Flags().StringVarP(&f.Message, "message", "m", "", "why, in one line, for the audit log")
}

// addWithoutMessage is for commands that say why by themselves.
func (f *signingFlags) addWithoutMessage(cmd *cobra.Command) {
	f.keys.add(cmd, " (default: $"+keyVariable+", $"+keyFileVariable+" or the project's keys)")
	flags := cmd.Flags()
	flags.StringVar(&f.author, "author", "", "who publishes (default: the name of the user)")
	flags.DurationVar(&f.Validity, "valid-for", control.DefaultValidity, "how long hosts call the revision fresh")
}

// check refuses a validity that is given as nothing, which control takes for the default.
func (f *signingFlags) check(cmd *cobra.Command) error {
	if f.Validity == 0 {
		return usage("--valid-for: must be at least a second")
	}
	return nil
}

// options gives a workspace the author and the keys.
func (f *signingFlags) options(cmd *cobra.Command) func(*control.Options) {
	return func(o *control.Options) {
		o.Author = f.author
		if u, err := user.Current(); o.Author == "" && err == nil {
			o.Author = u.Username
		}
		o.Signers = func(_ context.Context, p *config.Project) ([]bundle.Signer, error) {
			return f.keys.project(cmd, p.Keys)
		}
	}
}

// withEvents gives a workspace the engine that reads events. Event files are kept in the directory
// cache; in the user's cache directory if it is empty.
func withEvents(cache *string) func(*control.Options) {
	return func(o *control.Options) {
		progress := o.Progress
		o.Engine = func(ctx context.Context, p *config.Project) (analysis.Engine, error) {
			return engines.Open(ctx, p.Bucket, engines.Options{Cache: *cache, Progress: func(m mirror.Progress) {
				progress(control.Progress{Step: "fetching events", Done: int64(m.Files), Total: int64(m.TotalFiles)})
			}})
		}
	}
}

func addCache(cmd *cobra.Command, cache *string) {
	cmd.Flags().StringVar(cache, "cache", "", "`directory` to keep event files in (default: in the user's cache directory)")
}

// progress shows steps as lines, and what is counted in one line of a terminal.
func progress(w io.Writer) func(control.Progress) {
	terminal := isTerminal(w)
	return func(p control.Progress) {
		switch {
		case p.Total == 0:
			fmt.Fprintln(w, p.Step)
		case terminal && p.Done < p.Total:
			fmt.Fprintf(w, "\r%s: %d of %d", p.Step, p.Done, p.Total)
		case terminal:
			fmt.Fprint(w, "\r\033[K")
		}
	}
}

// isTerminal tells whether a person watches what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

// warn writes warnings on standard error.
func warn(cmd *cobra.Command, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", w)
	}
}
