package attack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/edge/reload"
)

// row is an attack on the bucket of a world. Hosts have revision atHand when it begins,
// and are expected to stay there.
type row struct {
	attack, why string
	do          func(*attacker)
	reason      reload.Reason // that is counted, and no other; empty for none

	cold    bool            // the host has nothing when the attack begins
	now     time.Time       // of the host's clock, if not when revision coming is published
	want    *attack.Version // is served, if not revision atHand
	nothing bool            // nothing is served
	stale   bool            // what is served has expired
	lasting bool            // an honest publisher's next revision does not mend it
	local   bool            // not for the file: too large for it, or not for every host

	// over: what is at hand belongs to an epoch that is over. It stays active, but after a
	// restart it is not taken up again.
	over bool
}

func (r *row) clock() time.Time {
	if r.now.IsZero() {
		return published(coming)
	}
	return r.now
}

func (r *row) wanted() *attack.Version {
	switch {
	case r.nothing:
		return nil
	case r.want != nil:
		return r.want
	}
	return version(atHand)
}

// version is a revision of the first epoch.
func version(n uint64) *attack.Version { return versionIn(1, n) }

func versionIn(epoch, n uint64) *attack.Version { return &attack.Version{Epoch: epoch, Revision: n} }

// attacker can write to the bucket of a world, and knows revision coming before hosts do.
type attacker struct {
	t testing.TB
	*world
	bucket  objects
	payload []byte // that was sealed last
}

// attacked returns the bucket of a world after an attack.
func (r *row) attacked(t testing.TB, w *world) objects {
	a := &attacker{t: t, world: w, bucket: maps.Clone(w.before)}
	r.do(a)
	return a.bucket
}

// put puts an object into the bucket, or takes it away if data is nil.
func (a *attacker) put(name string, data []byte) { a.bucket = a.bucket.over(objects{name: data}) }

// offer shows an envelope as news.
func (a *attacker) offer(envelope []byte) { a.bucket[bundle.LatestName] = envelope }

// forge offers what change makes of the envelope of revision coming.
func forge(change func(a *attacker, good []byte) []byte) func(*attacker) {
	return func(a *attacker) { a.offer(change(a, a.envelopeOf(coming))) }
}

// replace returns text with the first occurrence of old replaced, which there must be.
func (a *attacker) replace(text []byte, old, new string) []byte {
	a.t.Helper()
	if !strings.Contains(string(text), old) {
		a.t.Fatalf("there is no %s in %s", old, text)
	}
	return []byte(strings.Replace(string(text), old, new, 1))
}

// text changes the envelope's text.
func text(old, new string) func(*attacker) {
	return forge(func(a *attacker, good []byte) []byte { return a.replace(good, old, new) })
}

// parts changes the envelope's parts, and writes them down canonically.
func parts(change func(a *attacker, e envelope) envelope) func(*attacker) {
	return forge(func(a *attacker, good []byte) []byte { return change(a, open(a.t, good)).write(a.t) })
}

// document changes the manifest's text, and signs it with the right keys.
func document(old, new string) func(*attacker) {
	return forge(func(a *attacker, good []byte) []byte {
		return signText(a.t, manifestType, a.replace(open(a.t, good).Payload, old, new), a.keys...)
	})
}

// manifest changes the manifest's fields, and signs it with the right keys.
func manifest(change func(m *bundle.Manifest)) func(*attacker) {
	return forge(func(a *attacker, _ []byte) []byte { return a.signed(coming, change, a.keys...) })
}

// signed is a changed manifest of revision n, signed.
func (a *attacker) signed(n uint64, change func(m *bundle.Manifest), keys ...*bundle.PrivateKey) []byte {
	a.t.Helper()
	m := *a.manifestOf(a.t, n)
	change(&m)
	signed, err := bundle.SignManifest(m, signers(keys)...)
	if err != nil {
		a.t.Fatal(err)
	}
	return signed
}

// seal offers another payload for revision coming, signed with the right keys.
func (a *attacker) seal(payload []byte) {
	a.t.Helper()
	sealed, err := bundle.Seal(*a.manifestOf(a.t, coming), payload, signers(a.keys)...)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, o := range sealed.Objects {
		a.bucket[o.Name] = o.Data
	}
	a.payload = payload
	a.offer(sealed.Envelope)
}

// packed are the names of the packed payloads of revision coming.
func (a *attacker) packed() (gzip, zstd string) {
	p := a.manifestOf(a.t, coming).Payload
	return bundle.PayloadName(p.Gzip.SHA256), bundle.PayloadName(p.Zstd.SHA256)
}

// repack offers revision coming with other bytes in the place of both packed payloads.
func repack(change func(a *attacker, packed []byte) []byte) func(*attacker) {
	return func(a *attacker) {
		a.bucket = maps.Clone(a.history[coming])
		gzip, zstd := a.packed()
		for _, name := range []string{gzip, zstd} {
			a.bucket[name] = change(a, slices.Clone(a.bucket[name]))
		}
	}
}
