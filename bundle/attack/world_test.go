package attack_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

const (
	week = 7 * 24 * time.Hour
	year = 365 * 24 * time.Hour
)

// day is when the worlds' revisions are published, each an hour after the one before.
var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// The revisions of a world: hosts have the first number, attackers know the second, and
// the third is published once the attack is over.
const (
	atHand    = 5
	coming    = 6
	afterward = 7
)

// objects is a bucket at one moment.
type objects map[string][]byte

// world is an honest bucket, and the keys that made it.
type world struct {
	name, why   string
	root        []byte // the envelope that hosts are given
	rootKeys    []*bundle.PrivateKey
	keys        []*bundle.PrivateKey          // as many as must sign a manifest, and do
	spare       *bundle.PrivateKey            // another that may publish; nil if there is none
	application string                        // of the host; empty for all of them
	publishes   func(n uint64) *model.Program // what revision n is made of
	history     []objects                     // by revision: the bucket after it was published
	before      objects                       // the bucket with all of revision coming uploaded, but not yet committed
}

// key returns the n-th key of the tests.
func key(n byte) *bundle.PrivateKey { return bundle.KeyFromSeed([32]byte{n}) }

// stranger is a key that no root names.
var stranger = key(99)

// oneKey is the world of a small team.
func oneKey(t testing.TB) *world {
	return newWorld(t, &world{
		name: "one key", why: "one key signs roots, another manifests",
		rootKeys: []*bundle.PrivateKey{key(1)}, keys: []*bundle.PrivateKey{key(2)},
	})
}

// quorum is the world of a careful one.
func quorum(t testing.TB) *world {
	return newWorld(t, &world{
		name: "two of three", why: "two keys of three must sign roots, and two other keys of three manifests",
		rootKeys: []*bundle.PrivateKey{key(11), key(12), key(13)},
		keys:     []*bundle.PrivateKey{key(21), key(22)}, spare: key(23),
	})
}

// newWorld publishes the revisions of a world.
func newWorld(t testing.TB, w *world) *world {
	t.Helper()
	if w.publishes == nil {
		w.publishes = programOf
	}
	w.root = w.signRoot(t, w.firstRoot(), w.rootKeys...)
	bucket := storetest.NewMemory()
	w.history = []objects{dump(t, bucket)}
	for n := uint64(1); n <= afterward; n++ {
		w.publish(t, bucket, n)
		w.history = append(w.history, dump(t, bucket))
	}
	w.dropDeltas(t, coming)
	w.before = w.history[coming].over(objects{
		bundle.LatestName: w.history[atHand][bundle.LatestName], bundle.ManifestName(1, coming): nil,
	})
	return w
}

// dropDeltas has revision n come without deltas, as hosts see it that have missed many
// revisions, or that cannot use deltas.
func (w *world) dropDeltas(t testing.TB, n uint64) {
	t.Helper()
	m := *w.manifestOf(t, n)
	m.Payload.Deltas = nil
	for i := range m.Applications {
		m.Applications[i].Payload.Deltas = nil
	}
	envelope, err := bundle.SignManifest(m, signers(w.keys)...)
	if err != nil {
		t.Fatal(err)
	}
	w.history[n][m.Name()], w.history[n][bundle.LatestName] = envelope, envelope
}

// firstRoot is the root that hosts are given, before it is signed.
func (w *world) firstRoot() bundle.Root {
	return bundle.NewRoot(1, 1, day, day.Add(year), w.rootHolders(), w.publishHolders())
}

func (w *world) rootHolders() bundle.Holders {
	return holders(max(1, len(w.rootKeys)-1), w.rootKeys...)
}

func (w *world) publishHolders() bundle.Holders {
	if w.spare == nil {
		return holders(len(w.keys), w.keys...)
	}
	return holders(len(w.keys), append([]*bundle.PrivateKey{w.spare}, w.keys...)...)
}

func (w *world) signRoot(t testing.TB, r bundle.Root, keys ...*bundle.PrivateKey) []byte {
	t.Helper()
	envelope, err := bundle.SignRoot(r, signers(keys)...)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

// publish publishes revision n of the world as an honest publisher does.
func (w *world) publish(t testing.TB, bucket *storetest.Memory, n uint64) {
	t.Helper()
	_, err := (&publish.Publication{
		Store: bucket, Root: parseRoot(t, w.root), RootEnvelope: w.root, Signers: signers(w.keys), Environment: environment,
		Author: "ada@example.com", Message: "grow <checkout> & more", Validity: week,
		Now:   func() time.Time { return published(n) },
		Build: publish.FromPayload(func(*revision.Revision) ([]byte, error) { return payloadOf(t, w.publishes(n)), nil }),
	}).Publish(context.Background())
	if err != nil {
		t.Fatal(err)
	}
}

// published is when a revision of a world is published.
func published(n uint64) time.Time { return day.Add(time.Duration(n) * time.Hour) }

// manifestOf is the manifest of revision n.
func (w *world) manifestOf(t testing.TB, n uint64) *bundle.Manifest {
	t.Helper()
	m, err := parseRoot(t, w.root).VerifyManifest(w.envelopeOf(n))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// envelopeOf is the signed manifest of revision n.
func (w *world) envelopeOf(n uint64) []byte { return w.history[n][bundle.ManifestName(1, n)] }

func parseRoot(t testing.TB, envelope []byte) *bundle.Root {
	t.Helper()
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func holders(threshold int, keys ...*bundle.PrivateKey) bundle.Holders {
	h := bundle.Holders{Threshold: threshold}
	for _, k := range keys {
		h.Keys = append(h.Keys, k.Public())
	}
	return h
}

func signers(keys []*bundle.PrivateKey) []bundle.Signer {
	list := make([]bundle.Signer, len(keys))
	for i, k := range keys {
		list[i] = k
	}
	return list
}

// dump reads everything that a bucket holds.
func dump(t testing.TB, bucket *storetest.Memory) objects {
	t.Helper()
	all := objects{}
	for entry, err := range bucket.List(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		o, err := bucket.Get(context.Background(), entry.Name, "", max(entry.Size, 1))
		if err != nil {
			t.Fatal(err)
		}
		all[entry.Name] = o.Data
	}
	return all
}

// lay makes a bucket hold these objects and no others.
func lay(t testing.TB, bucket *storetest.Memory, all objects) {
	t.Helper()
	for name := range dump(t, bucket) {
		if _, ok := all[name]; ok {
			continue
		}
		if err := bucket.Delete(context.Background(), name); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range all {
		if err := bucket.Put(context.Background(), name, data); err != nil {
			t.Fatal(err)
		}
	}
}

// over returns the objects with changes made to them; nil takes an object away.
func (o objects) over(changes objects) objects {
	all := maps.Clone(o)
	for name, data := range changes {
		if data == nil {
			delete(all, name)
		} else {
			all[name] = data
		}
	}
	return all
}
