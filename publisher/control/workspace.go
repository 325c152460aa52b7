// Package control holds the use cases of the publisher: check, plan, publish, promote, operate,
// roll back, canaries, results, history, audit, roots and keys. Each is a function with an exported
// input and an exported result. The result types carry JSON tags: the command line prints them with
// --format json, and other faces of the publisher send the same.
//
// Nothing here prints, asks or reads flags. The clock, the store, the keys, the analysis engine and
// consent come in as values; see [Options] and [Approval].
//
// Errors tell who has to mend what:
//
//   - [*Invalid]: the input of the call is wrong.
//   - [config.Problems]: the files of the project are wrong.
//   - [*Refused]: a gate, a test or a person stopped a publication.
//   - any other error: the operation failed.
//
// This package is internal to Sortition and may change without notice.
package control

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// Workspace is a project directory in one of its environments. Opening it reads nothing; each call
// reads the files as they are then. It is safe for concurrent use.
type Workspace struct {
	dir     string
	options Options
}

// Options are what the use cases need besides their inputs.
type Options struct {
	// Environment names one of the project's environments. The empty name is the project's own.
	Environment string

	// Author is who the audit log names. It may be empty.
	Author string

	// Signers opens the keys of a project. If it is nil, calls that sign fail with [ErrNoKeys].
	Signers func(context.Context, *config.Project) ([]bundle.Signer, error)

	// Engine opens the engine that reads the events of a project. The call that opens it closes it.
	// If it is nil, calls that read events fail with [ErrNoEngine].
	Engine func(context.Context, *config.Project) (analysis.Engine, error)

	// Store opens a bucket; [store.Open] if it is nil.
	Store func(ctx context.Context, url string) (store.Store, error)

	// Progress is told what a long call does, if it is not nil.
	Progress func(Progress)

	// NoCache reads every file of the project anew, and leaves [config.CacheDir] alone.
	NoCache bool

	// Now is the clock; [time.Now] if it is nil.
	Now func() time.Time
}

// Progress is what a long call does. Total is 0 for a step that is not counted.
type Progress struct {
	Step        string // for example "compiling"
	Done, Total int64
}

// Open returns the workspace of a project directory.
func Open(dir string, o Options) *Workspace {
	if o.Store == nil {
		o.Store = store.Open
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Workspace{dir, o}
}

// step tells about a step that is not counted.
func (w *Workspace) step(name string) { w.options.Progress(Progress{Step: name}) }

// loader reads the project of a directory: [Workspace.files] for calls that need the experiments
// and flags, which must then have no mistakes, and [config.LoadTarget] for those that need only the
// bucket.
type loader func(dir string) (*config.Project, config.Problems)

// files is [config.Load] with the project's cache. The hash of each file decides whether it has
// changed.
func (w *Workspace) files(dir string) (*config.Project, config.Problems) {
	cache := w.cache(false)
	defer cache.Save()
	return config.LoadCached(dir, cache)
}

// cache opens the project's cache, for one load.
func (w *Workspace) cache(trustTimes bool) *config.Cache {
	if w.options.NoCache {
		return nil
	}
	return config.OpenCache(w.dir, trustTimes)
}

// load loads the project in the environment of the workspace.
func (w *Workspace) load(load loader) (*config.Project, error) {
	project, problems := load(w.dir)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	in, err := project.In(w.options.Environment)
	if err != nil {
		return nil, noEnvironment("environment", w.options.Environment, project)
	}
	return in, nil
}

// noEnvironment says that a project has no environment of that name.
func noEnvironment(field, name string, p *config.Project) *Invalid {
	problem := fmt.Sprintf("%s has no valid environment %q", filepath.Join(p.Dir, config.ProjectFile), name)
	return unknown(field, problem, name, "environments", p.EnvironmentNames())
}

// remote is a project with its bucket and the root that it trusts.
type remote struct {
	project  *config.Project
	store    store.Store
	root     *bundle.Root
	envelope []byte // of the root
}

// remote opens the project in the environment of the workspace. It makes no request.
func (w *Workspace) remote(ctx context.Context, load loader) (*remote, error) {
	project, err := w.load(load)
	if err != nil {
		return nil, err
	}
	return w.open(ctx, project)
}

// open opens the bucket of a project and reads the root that it trusts.
func (w *Workspace) open(ctx context.Context, project *config.Project) (*remote, error) {
	bucket, err := w.bucket(ctx, project)
	if err != nil {
		return nil, err
	}
	envelope, err := readEnvelope(project.Root)
	if os.IsNotExist(err) {
		return nil, &Misconfigured{fmt.Errorf("%s does not exist: make it with %s", project.Root, keygenCommand(project))}
	}
	if err != nil {
		return nil, &Misconfigured{err}
	}
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		return nil, &Misconfigured{fmt.Errorf("%s: %w", project.Root, err)}
	}
	return &remote{project, bucket, root, envelope}, nil
}

func (w *Workspace) bucket(ctx context.Context, project *config.Project) (store.Store, error) {
	bucket, err := w.options.Store(ctx, project.Bucket)
	if err != nil {
		return nil, &Misconfigured{fmt.Errorf("the bucket of %s: %w", project.Environment, err)}
	}
	return bucket, nil
}

// keygenCommand makes the keys of an environment.
func keygenCommand(p *config.Project) string {
	command := config.InDir("publisher keygen", p.Dir)
	if p.Production == nil {
		return command
	}
	return command + " --environment " + p.Environment
}

// live opens the project and reads its live revision, which is nil if nothing has been published.
func (w *Workspace) live(ctx context.Context, load loader) (*remote, *revision.Revision, error) {
	r, err := w.remote(ctx, load)
	if err != nil {
		return nil, nil, err
	}
	live, err := r.live(ctx)
	return r, live, err
}

// chain returns the root with those that follow it in the bucket, and those before.
func (r *remote) chain(ctx context.Context) (*bundle.Chain, error) {
	return bundle.FindChain(ctx, r.store, r.root)
}

// live returns the live revision, or nil if nothing has been published.
func (r *remote) live(ctx context.Context) (*revision.Revision, error) {
	chain, err := r.chain(ctx)
	if err != nil {
		return nil, err
	}
	return revision.Live(ctx, r.store, chain, r.project.Environment)
}

// newest returns the manifest of the newest revision and the chain that it was verified with. The
// manifest is nil if nothing has been published.
func (r *remote) newest(ctx context.Context) (*bundle.Manifest, *bundle.Chain, error) {
	chain, err := r.chain(ctx)
	if err != nil {
		return nil, nil, err
	}
	newest, err := revision.Newest(ctx, r.store, chain, r.project.Environment)
	return newest, chain, err
}

// readEnvelope reads the file of a root or a draft.
func readEnvelope(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, bundle.MaxEnvelopeSize+1))
}
