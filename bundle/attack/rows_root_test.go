package attack_test

import (
	"bytes"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
)

// newKey is the publishing key of the roots that follow the first.
var newKey = key(3)

// following is the root that follows the first: other publishing keys, and what change
// makes of the rest.
func (a *attacker) following(change func(r *bundle.Root)) bundle.Root {
	first := parseRoot(a.t, a.root)
	next := first.Next(published(coming), published(coming).Add(year), a.rootHolders(), holders(1, newKey))
	if change != nil {
		change(&next)
	}
	return next
}

// rotate puts the root that follows into the bucket, signed by the keys that sign roots.
func (a *attacker) rotate(change func(r *bundle.Root)) {
	a.bucket[bundle.RootName(2)] = a.signRoot(a.t, a.following(change), a.rootKeys...)
}

// newEpoch begins epoch 2 after revision atHand.
func newEpoch(r *bundle.Root) { r.Epoch, r.Base = 2, atHand }

// publishAnew publishes revision coming with the new key, in an epoch.
func (a *attacker) publishAnew(epoch uint64) {
	envelope := a.signed(coming, func(m *bundle.Manifest) { m.Epoch = epoch }, newKey)
	a.bucket[bundle.ManifestName(epoch, coming)] = envelope
	a.bucket[bundle.LatestName] = envelope
}

// fastForward publishes a revision that no later one can outnumber, with the keys that
// hosts trust to begin with.
func (a *attacker) fastForward() {
	envelope := a.signed(coming, func(m *bundle.Manifest) { m.Revision = bundle.MaxInteger }, a.keys...)
	a.bucket[bundle.LatestName] = envelope
	a.bucket[bundle.ManifestName(1, bundle.MaxInteger)] = envelope
}

// rotationRows are honest changes of keys, and what thieves of the old ones do about them.
func rotationRows() []row {
	second := published(coming).Add(time.Second) // a clock after the new root was made
	return []row{
		{attack: "fast-forward with stolen keys", why: "the keys are what is trusted; a root of the next epoch puts it right",
			do: (*attacker).fastForward, want: version(bundle.MaxInteger), lasting: true},
		{attack: "rotation: another key publishes", why: "no attack", do: func(a *attacker) {
			a.rotate(nil)
			a.publishAnew(1)
		}, now: second, want: version(coming), lasting: true},
		{attack: "rotation: the old keys go on", do: func(a *attacker) {
			a.rotate(nil)
			a.bucket[bundle.LatestName] = a.envelopeOf(coming)
		}, now: second, reason: reload.ReasonSignature, lasting: true},
		{attack: "rotation: another key publishes and the root is hidden", do: func(a *attacker) { a.publishAnew(1) },
			reason: reload.ReasonSignature},
		{attack: "a new epoch", why: "no attack", do: func(a *attacker) {
			a.rotate(newEpoch)
			a.publishAnew(2)
		}, now: second, want: versionIn(2, coming), lasting: true},
		{attack: "a new epoch in which nothing is published yet", why: "the old keys may be stolen, but what is active stays", do: func(a *attacker) {
			a.rotate(newEpoch)
		}, now: second, lasting: true, over: true},
		{attack: "a new epoch and the thief of the old keys goes on", do: func(a *attacker) {
			a.rotate(newEpoch)
			a.publishAnew(2)
			a.fastForward()
		}, now: second, want: versionIn(2, coming), reason: reload.ReasonEpoch, lasting: true},
		{attack: "a new epoch and the thief numbers on in it", do: func(a *attacker) {
			a.rotate(newEpoch)
			a.bucket[bundle.LatestName] = a.signed(coming, func(m *bundle.Manifest) { m.Epoch = 2 }, a.keys...)
		}, now: second, reason: reload.ReasonSignature, lasting: true, over: true},
		{attack: "a revision of the new epoch that is not above its base", do: func(a *attacker) {
			a.rotate(newEpoch)
			a.bucket[bundle.LatestName] = a.signed(atHand, func(m *bundle.Manifest) { m.Epoch = 2 }, newKey)
		}, now: second, reason: reload.ReasonEpoch, lasting: true, over: true},
		{attack: "a rotation to a root that has expired", why: "freshness never stops service", do: func(a *attacker) {
			a.rotate(func(r *bundle.Root) { r.Expires = r.Created.Add(time.Second) })
			a.publishAnew(1)
		}, now: second, want: version(coming), stale: true, lasting: true},
	}
}

// rootRows are roots that hosts must not follow.
func rootRows() []row {
	// sign puts a changed root into the bucket, signed by some keys and checked by nobody,
	// and a revision by the keys that it names.
	sign := func(change func(a *attacker, r *bundle.Root) []*bundle.PrivateKey) func(*attacker) {
		return func(a *attacker) {
			r := a.following(nil)
			keys := change(a, &r)
			a.bucket[bundle.RootName(2)] = signText(a.t, rootType, canonical(a.t, r), keys...)
		}
	}
	all := func(a *attacker) []*bundle.PrivateKey { return a.rootKeys }
	put := func(data func(a *attacker) []byte) func(*attacker) {
		return func(a *attacker) { a.bucket[bundle.RootName(2)] = data(a) }
	}
	rows := []row{
		{attack: "a root by a stranger", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			stranger := holders(1, stranger)
			*r = parseRoot(a.t, a.root).Next(r.Created, r.Expires, stranger, stranger)
			return []*bundle.PrivateKey{key(99)}
		})},
		{attack: "a root by the keys that publish", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			own := holders(len(a.keys), a.keys...)
			*r = parseRoot(a.t, a.root).Next(r.Created, r.Expires, own, own)
			return a.keys
		})},
		{attack: "a root that the one before has signed, but not its own keys", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			*r = parseRoot(a.t, a.root).Next(r.Created, r.Expires, holders(1, newKey), holders(1, newKey))
			return a.rootKeys
		})},
		{attack: "a root that its own keys have signed, but not those before", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			*r = parseRoot(a.t, a.root).Next(r.Created, r.Expires, holders(1, newKey), holders(1, newKey))
			return []*bundle.PrivateKey{newKey}
		})},
		{attack: "a root that skips a version", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey { r.Version = 3; return all(a) })},
		{attack: "the first root again", do: put(func(a *attacker) []byte { return a.root })},
		{attack: "a root that names another before it", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			r.Previous = bundle.Hash{1}
			return all(a)
		})},
		{attack: "a root that names none before it", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			r.Previous = bundle.Hash{}
			return all(a)
		})},
		{attack: "a root of epoch zero", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey { r.Epoch = 0; return all(a) })},
		{attack: "a root that nobody could satisfy", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			r.Roles.Publish.Threshold = 2
			return all(a)
		})},
		{attack: "a root with a threshold of zero", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			r.Roles.Publish.Threshold = 0
			return all(a)
		})},
		{attack: "a root with one key under two ids", why: "it would count for two", do: sign(func(a *attacker, r *bundle.Root) []*bundle.PrivateKey {
			double := bundle.RootKey{ID: bundle.Hash{0xff, 0xff}, Scheme: bundle.SchemeEd25519, Public: newKey.Public()}
			r.Keys = append(r.Keys, double)
			r.Roles.Publish = bundle.Role{Threshold: 2, Keys: append(r.Roles.Publish.Keys, double.ID)}
			return all(a)
		})},
		{attack: "a root with a field twice", do: put(func(a *attacker) []byte {
			document := a.replace(canonical(a.t, a.following(nil)), `"version":2`, `"version":2,"version":2`)
			return signText(a.t, rootType, document, a.rootKeys...)
		})},
		{attack: "a root signed as a manifest", do: put(func(a *attacker) []byte {
			return signText(a.t, manifestType, canonical(a.t, a.following(nil)), a.rootKeys...)
		})},
		{attack: "a manifest for a root", do: put(func(a *attacker) []byte { return a.envelopeOf(coming) })},
		{attack: "junk for a root", do: put(func(*attacker) []byte { return []byte("junk") })},
		{attack: "a root of a byte too many", do: put(func(*attacker) []byte { return make([]byte, bundle.MaxEnvelopeSize+1) }), local: true},
		{attack: "a root with a flipped bit", do: put(func(a *attacker) []byte {
			good := a.signRoot(a.t, a.following(nil), a.rootKeys...)
			return flip(good, 8*bytes.Index(good, []byte(`"sig":"`))+8*12)
		})},
	}
	for i := range rows {
		rows[i].reason = reload.ReasonRoot
	}
	return rows
}

// secondRootRows are roots that hosts must not follow from the second one, which began an
// epoch. The keys that sign roots have signed them: a ceremony that went wrong.
func secondRootRows() []row {
	third := func(begin, change func(r *bundle.Root)) func(*attacker) {
		return func(a *attacker) {
			a.rotate(begin)
			a.publishAnew(2)
			second := a.following(begin)
			r := second.Next(second.Created, second.Expires, a.rootHolders(), a.publishHolders())
			change(&r)
			a.bucket[bundle.RootName(3)] = a.signRoot(a.t, r, a.rootKeys...)
		}
	}
	rows := []row{
		{attack: "a root that goes back an epoch", do: third(func(r *bundle.Root) { r.Epoch = 2 }, func(r *bundle.Root) { r.Epoch = 1 })},
		{attack: "a root that moves the base of its epoch", do: third(newEpoch, func(r *bundle.Root) { r.Base++ })},
		{attack: "a root whose epoch begins before the one before", do: third(newEpoch, func(r *bundle.Root) { r.Epoch, r.Base = 3, 2 })},
	}
	for i := range rows {
		rows[i].reason, rows[i].want, rows[i].lasting = reload.ReasonRoot, versionIn(2, coming), true
		rows[i].now = published(coming).Add(time.Second)
	}
	return rows
}

// quorumRootRows are attacks on roots by those who have one key of the two that are
// needed.
func quorumRootRows() []row {
	put := func(forge func(a *attacker, e envelope) envelope) func(*attacker) {
		return func(a *attacker) {
			e := envelope{PayloadType: rootType, Payload: canonical(a.t, a.following(nil))}
			a.bucket[bundle.RootName(2)] = forge(a, e).write(a.t)
		}
	}
	rows := []row{
		{attack: "a root by one key of two", do: put(func(a *attacker, e envelope) envelope { return e.sign(a.t, a.rootKeys[0]) })},
		{attack: "a root by one key under two ids", do: put(func(a *attacker, e envelope) envelope {
			e = e.sign(a.t, a.rootKeys[0])
			return e.with(a.rootKeys[1].Public().ID().String(), e.Signatures[0].Sig)
		})},
		{attack: "a root by one key and a stranger", do: put(func(a *attacker, e envelope) envelope { return e.sign(a.t, a.rootKeys[0], stranger) })},
		{attack: "a root by one key and one that publishes", do: put(func(a *attacker, e envelope) envelope { return e.sign(a.t, a.rootKeys[0], a.keys[0]) })},
		{attack: "a root that needs one key only, by one key", why: "its own threshold does not count alone", do: func(a *attacker) {
			r := a.following(func(r *bundle.Root) { r.Roles.Root.Threshold = 1 })
			a.bucket[bundle.RootName(2)] = signText(a.t, rootType, canonical(a.t, r), a.rootKeys[0])
		}},
	}
	for i := range rows {
		rows[i].reason = reload.ReasonRoot
	}
	return rows
}
