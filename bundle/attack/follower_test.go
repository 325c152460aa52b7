package attack_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/publisher/explain"
)

const (
	// untold is a time between polls in which nothing is polled: the tests say when.
	untold = 100 * year

	// looks is how often a host looks until it certainly walked over the manifests.
	looks = 13

	// visitors is the number of visitors on whom a host is tried: some for each reason.
	visitors = 24
)

// follower is a real host on a bucket of a world, in the clock of its test.
type follower struct {
	t           testing.TB
	source      bundle.Source
	root        []byte
	application string
	state       string
	*host.Host
	request host.Request
}

// follow starts a host that has nothing yet.
func follow(t testing.TB, source bundle.Source, root []byte) *follower {
	t.Helper()
	return followAs(t, source, root, "")
}

// followAs starts a host of an application.
func followAs(t testing.TB, source bundle.Source, root []byte, application string) *follower {
	t.Helper()
	f := &follower{t: t, source: source, root: root, application: application, state: t.TempDir()}
	f.start()
	return f
}

func (f *follower) start() {
	f.t.Helper()
	var err error
	f.Host, err = host.Open(context.Background(), host.Options{
		Source: f.source, Root: parseRoot(f.t, f.root), Environment: environment, Application: f.application, StateDir: f.state,
		Poll: untold, Instances: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *follower) stop() {
	f.t.Helper()
	if err := f.Close(context.Background()); err != nil {
		f.t.Error(err)
	}
}

// restart forgets everything but the state directory.
func (f *follower) restart() {
	f.t.Helper()
	f.stop()
	f.start()
}

// look has the host look at its bucket until nothing in there is unknown to it.
func (f *follower) look() {
	for range looks {
		f.Refresh(context.Background())
	}
}

// serves checks that a revision of programOf is active, 0 for none, and that every
// visitor is given what the naive evaluator gives.
func (f *follower) serves(revision uint64) {
	f.t.Helper()
	if s := f.Snapshot(); s.Revision != revision {
		f.t.Fatalf("revision %d is active, want %d; last error: %s", s.Revision, revision, f.Status().LastError)
	}
	if revision == 0 {
		if err := f.DecideAll(new(host.Request).Unit("user", "u"), new(host.Decisions)); err != host.ErrNotReady {
			f.t.Fatalf("without a bundle: %v", err)
		}
		return
	}
	f.decides(programOf(revision), revision)
}

// decides holds the host's decisions against the naive evaluator's.
func (f *follower) decides(p *model.Program, revision uint64) {
	f.t.Helper()
	for i := range visitors {
		v := visitor(i)
		r := fill(&f.request, v)
		for e, want := range explain.All(p, v) {
			d, err := f.Decide(r, p.Experiments[e].Key)
			if err != nil || d.Variant() != want.VariantKey || d.Reason() != want.Reason || d.Revision() != revision {
				f.t.Fatalf("visitor %d, %s: got %+v, %v; want %q for %s by revision %d",
					i, want.Experiment, d, err, want.VariantKey, want.Reason, revision)
			}
			if d.Assigned() && d.Config() != p.Experiments[e].Variants[want.Decision.Variant].Config {
				f.t.Fatalf("visitor %d, %s: config %s by revision %d", i, want.Experiment, d.Config(), revision)
			}
		}
	}
}

// rejections are those that a host has counted, by reason.
type rejections map[reload.Reason]uint64

func (f *follower) rejections() rejections {
	counted := rejections{}
	for reason, n := range f.Status().Rejected {
		if n > 0 {
			counted[reason] = n
		}
	}
	return counted
}

// rejected checks that something was rejected for the reason, and nothing for another.
// An empty reason stands for nothing at all.
func (f *follower) rejected(reason reload.Reason) {
	f.t.Helper()
	counted := f.rejections()
	if len(counted) > 1 || reason != "" && counted[reason] == 0 || reason == "" && len(counted) > 0 {
		f.t.Errorf("rejected %v, want %q only; last error: %s", counted, reason, f.Status().LastError)
	}
}

// at waits until a time of the test's own clock.
func at(t time.Time) { time.Sleep(time.Until(t)) }

// memoryOf is a bucket in memory that holds these objects.
func memoryOf(t testing.TB, all objects) *storetest.Memory {
	t.Helper()
	bucket := storetest.NewMemory()
	lay(t, bucket, all)
	return bucket
}
