package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/canary"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// watchFlags say how a canary is watched.
type watchFlags struct {
	every    time.Duration
	interval time.Duration
	cache    string
}

func (f *watchFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.DurationVar(&f.every, "every", defaultEvery, "time between two looks")
	flags.DurationVar(&f.interval, "interval", 0, "how long everything must be well (default: as sortition.yaml says)")
}

func (f *watchFlags) addCache(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.cache, "cache", "", "`directory` to keep event files in (default: in the user's cache directory)")
}

const (
	defaultEvery = 2 * time.Second
	minEvery     = 100 * time.Millisecond

	// maxFailures bounds the looks in a row that may fail: a minute of a bucket that is
	// down, by default.
	maxFailures = 30
)

func (f *watchFlags) check() error {
	if f.every < minEvery {
		return fmt.Errorf("--every %v: must be at least %v", f.every, minEvery)
	}
	if f.interval < 0 {
		return errors.New("--interval: must not be negative")
	}
	return nil
}

func newCanaryWatchCommand() *cobra.Command {
	var f watchFlags
	var flags revisionFlags
	cmd := &cobra.Command{
		Use:   "watch DIR",
		Short: "Wait for the outcome of a canary, and promote or abort it",
		Long: `Watch waits until the rules in sortition.yaml say that the canary that is under way is to be
promoted or aborted, and does it. The reason is the message of the new revision, which the
audit log keeps.

The exit status is 0 if the canary was promoted, and 1 if it was aborted or somebody else
ended it.`,
		Example: `  publisher canary watch .
  publisher canary watch . --interval 1h`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return f.watch(cmd, &flags, args[0])
		},
	}
	flags.add(cmd)
	f.add(cmd)
	f.addCache(cmd)
	return cmd
}

// errAborted is the error of a watch that aborted the canary.
var errAborted = errors.New("the canary was aborted")

// watch promotes or aborts what is under way.
func (f *watchFlags) watch(cmd *cobra.Command, flags *revisionFlags, dir string) error {
	p, err := flags.open(cmd, dir, config.Load)
	if err != nil {
		return err
	}
	w := f.watcher(p.remote, cmd.ErrOrStderr())
	verdict, err := w.await(cmd.Context(), f.every)
	if err != nil {
		return failed(err)
	}
	end := promoting
	if verdict.Action == canary.Abort {
		end = aborting
	}
	salt, build := w.live.Manifest.Canary.Salt, end.build
	end.build = func(live *revision.Revision) (*publish.Built, error) {
		if live != nil && live.Stable != nil && live.Manifest.Canary.Salt != salt {
			return nil, errors.New("another canary has begun meanwhile")
		}
		return build(live)
	}
	p.Message = cut(strings.Join(verdict.Reasons, "; "), bundle.MaxMessageLength)
	if err := end.carryOut(cmd, p, flags.format); err != nil {
		return err
	}
	if verdict.Action == canary.Abort {
		return failed(fmt.Errorf("%w: %s", errAborted, strings.Join(verdict.Reasons, "; ")))
	}
	return nil
}

// await looks until there is something to do.
func (w *watcher) await(ctx context.Context, every time.Duration) (canary.Verdict, error) {
	screen := screen{out: w.stderr, redraw: isTerminal(w.stderr)}
	failures := 0
	for {
		state, err := w.look(ctx)
		switch {
		case err == nil:
			failures = 0
			verdict := canary.Judge(state, w.rules)
			if err := screen.show(state, verdict); err != nil || verdict.Action != canary.Wait {
				return verdict, err
			}
		case errors.Is(err, revision.ErrNoCanary) || failures == maxFailures:
			return canary.Verdict{}, err
		default:
			failures++
			fmt.Fprintf(w.stderr, "cannot look, and try again: %v\n", err)
			screen.last = nil
		}
		if err := sleep(ctx, every); err != nil {
			return canary.Verdict{}, err
		}
	}
}

// cut shortens a text to a number of bytes.
func cut(text string, n int) string { return strings.ToValidUTF8(text[:min(n, len(text))], "") }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// watcher looks at a canary again and again.
type watcher struct {
	remote *remote
	rules  config.Canary
	cache  string
	stderr io.Writer

	live    *revision.Revision // the one of the last look
	started time.Time
	counted time.Time // when exposures were last counted
	splits  []canary.Split
}

func (f *watchFlags) watcher(r *remote, stderr io.Writer) *watcher {
	w := &watcher{remote: r, rules: r.project.Canary, cache: f.cache, stderr: stderr}
	if f.interval > 0 {
		w.rules.Interval = config.Period(f.interval)
	}
	return w
}

// look reads how the canary stands.
func (w *watcher) look(ctx context.Context) (*canary.State, error) {
	r := w.remote
	chain, err := bundle.FindChain(ctx, r.store, r.root)
	if err != nil {
		return nil, err
	}
	newest, err := revision.Newest(ctx, r.store, chain, r.project.Environment)
	if err != nil {
		return nil, err
	}
	if w.live == nil || newest == nil || !newest.Equal(w.live.Manifest) {
		live, err := revision.Live(ctx, r.store, chain, r.project.Environment)
		if err != nil {
			return nil, err
		}
		if live == nil || live.Stable == nil {
			return nil, revision.ErrNoCanary
		}
		if w.started, err = canary.Started(ctx, r.store, chain, live); err != nil {
			return nil, err
		}
		w.live = live
	}
	now := time.Now()
	state, err := canary.Read(ctx, r.store, w.live, w.started, now)
	if err != nil {
		return nil, err
	}
	if w.rules.SampleRatio && now.Sub(w.counted) >= canary.SplitPause {
		if err := w.count(ctx); err != nil {
			return nil, err
		}
		w.counted = now
	}
	state.Splits = w.splits
	return state, nil
}

// count counts the units that the canary exposed to experiments.
func (w *watcher) count(ctx context.Context) error {
	engine, err := openEngine(ctx, w.remote.project, w.cache, w.stderr)
	if err != nil {
		return err
	}
	defer engine.Close()
	w.splits, err = canary.ReadSplits(ctx, engine, w.live)
	return err
}
