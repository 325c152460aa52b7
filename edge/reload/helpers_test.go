package reload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
)

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const week = 7 * 24 * time.Hour

var (
	publisherKey = bundle.KeyFromSeed([32]byte{1})
	strangerKey  = bundle.KeyFromSeed([32]byte{2})
)

func newRoot(t testing.TB, epoch uint64, expires time.Time, key *bundle.PrivateKey) *bundle.Root {
	t.Helper()
	holder := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	envelope, err := bundle.SignRoot(bundle.NewRoot(1, epoch, day, expires, holder, holder), key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// manifest returns the manifest of revision n without its payload.
func manifest(n uint64) bundle.Manifest {
	return bundle.Manifest{
		Environment: "production", Epoch: 1, Revision: n, Created: day, Expires: day.Add(week),
		MinimumSchema: 1, Core: bundle.Core{Size: 1, ABI: 1},
	}
}

// payloadOf returns the payload of revision n. It includes n, and is so large that a delta is
// smaller.
func payloadOf(n uint64) []byte {
	noise := make([]byte, 500)
	rand.NewChaCha8([32]byte{}).Read(noise)
	return append(fmt.Appendf(nil, "revision %d ", n), noise...)
}

func seal(t testing.TB, m bundle.Manifest, key *bundle.PrivateKey) *bundle.Sealed {
	t.Helper()
	s, err := bundle.Seal(m, payloadOf(m.Revision), key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// world is a bucket, a host that follows it, and a clock.
type world struct {
	t      testing.TB
	bucket *storetest.Memory
	root   *bundle.Root
	state  string
	disk   durable.Disk
	now    time.Time

	environment string
	application string
	core        bundle.Core // the host's own
	host        bundle.Identity

	*Reloader
	active  *bundle.Bundle
	prepare func(*bundle.Bundle) error // may refuse
	log     bytes.Buffer

	requests []string // objects that were asked for
	broken   func(name string) error
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, bucket: storetest.NewMemory(), state: t.TempDir(), now: day, environment: "production"}
	w.root = newRoot(t, 1, day.Add(52*week), publisherKey)
	w.bucket.Before = func(ctx context.Context, op storetest.Op, name string) error {
		if op != storetest.OpGet {
			return nil
		}
		w.requests = append(w.requests, name)
		if w.broken != nil {
			return w.broken(name)
		}
		return nil
	}
	w.restart()
	return w
}

// restart starts a new host on the same state directory.
func (w *world) restart() {
	w.t.Helper()
	w.boot()
	if err := w.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// boot creates a new host on the same state directory, without starting it.
func (w *world) boot() {
	w.t.Helper()
	w.active = nil
	var err error
	w.Reloader, err = New(Config{
		Source: w.bucket, Root: w.root, Environment: w.environment, Application: w.application, StateDir: w.state,
		Core: w.core, Disk: w.disk, Host: w.host,
		Logger: slog.New(slog.NewTextHandler(&w.log, nil)),
		Now:    func() time.Time { return w.now },
		Prepare: func(_ context.Context, b *bundle.Bundle) (func(), error) {
			if w.prepare != nil {
				if err := w.prepare(b); err != nil {
					return nil, err
				}
			}
			return func() { w.active = b }, nil
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// look polls once.
func (w *world) look() {
	w.requests = nil
	w.poll(context.Background(), pollTimeout, nil)
}

// lookOften polls so often that one poll walks.
func (w *world) lookOften() {
	for range walkEvery {
		w.look()
	}
}

func (w *world) put(name string, data []byte) {
	w.t.Helper()
	if err := w.bucket.Put(context.Background(), name, data); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) delete(name string) {
	w.t.Helper()
	if err := w.bucket.Delete(context.Background(), name); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(name string) []byte {
	w.t.Helper()
	before := w.broken
	w.broken = nil
	o, err := w.bucket.Get(context.Background(), name, "", bundle.MaxPayloadPacked)
	w.broken = before
	if err != nil {
		w.t.Fatal(err)
	}
	return o.Data
}

// upload puts a bundle into the bucket, without the hint.
func (w *world) upload(s *bundle.Sealed) {
	w.t.Helper()
	for _, o := range s.Objects {
		w.put(o.Name, o.Data)
	}
	w.put(s.Manifest.Name(), s.Envelope)
}

// publish publishes revision n.
func (w *world) publish(n uint64) *bundle.Sealed {
	w.t.Helper()
	s := seal(w.t, manifest(n), publisherKey)
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
	return s
}

// serves checks that a revision is active and complete; 0 means none.
func (w *world) serves(n uint64) {
	w.t.Helper()
	switch {
	case n == 0 && w.active == nil:
	case n == 0:
		w.t.Fatalf("revision %d is active, none is expected", w.active.Manifest.Revision)
	case w.active == nil:
		w.t.Fatalf("nothing is active, revision %d is expected; last error: %s", n, w.Status().LastError)
	case w.active.Manifest.Revision != n:
		w.t.Fatalf("revision %d is active, %d is expected; last error: %s", w.active.Manifest.Revision, n, w.Status().LastError)
	case !bytes.Equal(w.active.Payload, payloadOf(n)):
		w.t.Fatalf("revision %d has the payload %q", n, w.active.Payload)
	}
	if s := w.Status(); s.Ready != (n > 0) || s.Revision != n {
		w.t.Fatalf("status says revision %d, ready %t; revision %d is active", s.Revision, s.Ready, n)
	}
}

// rejected checks the counts of rejections by reason. Other reasons must have none.
func (w *world) rejected(want map[Reason]uint64) {
	w.t.Helper()
	for reason, got := range w.Status().Rejected {
		if got != want[reason] {
			w.t.Errorf("%d rejections for %s, want %d; last error: %s", got, reason, want[reason], w.Status().LastError)
		}
	}
}

// flip returns data with one bit changed in the middle.
func flip(data []byte) []byte {
	data = bytes.Clone(data)
	data[len(data)/2] ^= 1
	return data
}

// pad returns an envelope with the same JSON value that is not canonical.
func pad(t testing.TB, envelope []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, envelope, "", " "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var errDown = errors.New("connection refused")

func down(string) error { return errDown }
