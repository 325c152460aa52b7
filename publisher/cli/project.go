package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// remote is a project together with the bucket that it publishes to and the root that
// it trusts.
type remote struct {
	project  *config.Project
	store    store.Store
	root     *bundle.Root
	envelope []byte // of the root
}

// loader reads the project of a directory: config.Load for commands that need the
// experiments and flags, which must then be without mistakes, and config.LoadTarget for
// those that need only the bucket.
type loader func(dir string) (*config.Project, config.Problems)

// environmentFlag is the flag of commands on what is published in an environment.
const environmentFlag = "environment"

// inEnvironment gives a command, and those that it has, the flag that says which of the
// project's environments it is about.
func inEnvironment(make func() *cobra.Command) func() *cobra.Command {
	return func() *cobra.Command {
		cmd := make()
		cmd.PersistentFlags().String(environmentFlag, "", "`name` of one of the project's environments (default: its own)")
		return cmd
	}
}

// environmentOf is the environment that a command is about; empty for production.
func environmentOf(cmd *cobra.Command) string {
	if f := cmd.Flag(environmentFlag); f != nil {
		return f.Value.String()
	}
	return ""
}

// openRemote opens the project of a directory, in the environment that the command is
// about, with the root that it has.
func openRemote(cmd *cobra.Command, dir string, load loader) (*remote, error) {
	project, bucket, err := openProject(cmd, dir, load)
	if err != nil {
		return nil, err
	}
	return withRoot(project, bucket)
}

// in opens another environment of the project.
func (r *remote) in(ctx context.Context, project *config.Project) (*remote, error) {
	bucket, err := store.Open(ctx, project.Bucket)
	if err != nil {
		return nil, fmt.Errorf("the bucket of %s: %w", project.Environment, err)
	}
	return withRoot(project, bucket)
}

func withRoot(project *config.Project, bucket store.Store) (*remote, error) {
	envelope, err := readEnvelope(project.Root)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("%s does not exist: make it with publisher keygen %s", project.Root, keygenArguments(project))
	}
	if err != nil {
		return nil, err
	}
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", project.Root, err)
	}
	return &remote{project, bucket, root, envelope}, nil
}

// keygenArguments are those with which publisher keygen makes the keys of an environment.
func keygenArguments(p *config.Project) string {
	if p.Production == nil {
		return p.Dir
	}
	return p.Dir + " --" + environmentFlag + " " + p.Environment
}

// loadProject loads the project of a directory in the environment that the command is
// about.
func loadProject(cmd *cobra.Command, dir string, load loader) (*config.Project, error) {
	project, problems := load(dir)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return project.In(environmentOf(cmd))
}

// openProject loads the project of a directory, and opens its bucket. It makes no
// request.
func openProject(cmd *cobra.Command, dir string, load loader) (*config.Project, store.Store, error) {
	project, err := loadProject(cmd, dir, load)
	if err != nil {
		return nil, nil, err
	}
	bucket, err := store.Open(cmd.Context(), project.Bucket)
	if err != nil {
		return nil, nil, fmt.Errorf("bucket: %w", err)
	}
	return project, bucket, nil
}

// chain returns the root with those that follow it in the bucket, and those before.
func (r *remote) chain(ctx context.Context) (*bundle.Chain, error) {
	chain, err := bundle.FindChain(ctx, r.store, r.root)
	return chain, failed(err)
}

// live returns the live revision, or nil if nothing has been published.
func (r *remote) live(ctx context.Context) (*revision.Revision, error) {
	chain, err := r.chain(ctx)
	if err != nil {
		return nil, err
	}
	live, err := revision.Live(ctx, r.store, chain, r.project.Environment)
	return live, failed(err)
}

func readEnvelope(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, bundle.MaxEnvelopeSize+1))
}
