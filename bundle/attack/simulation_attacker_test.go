package attack_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
)

// theft is a key that a thief has got, with the root that trusts it.
type theft struct {
	key  *bundle.PrivateKey
	root *bundle.Root
}

// attack does one thing to what readers see.
func (s *simulation) attack() {
	objects := dump(s.t, s.bucket)
	names := slices.Sorted(maps.Keys(objects))
	if len(names) == 0 {
		return
	}
	name := s.target(names)
	what := ""
	switch s.rng.IntN(13) {
	case 0, 1:
		what = "damage"
		s.lie(name, s.damage(objects[name]))
	case 2:
		what = "hide"
		s.lie(name, nil)
	case 3, 4:
		what = "old hint"
		if old := s.pick(names, "m/"); old != "" {
			s.lie(bundle.LatestName, objects[old])
		}
	case 5:
		what = "mix"
		s.lie(name, objects[s.pick(names, name[:2])])
	case 6:
		what = "replay"
		s.replay(names, objects)
	case 7:
		what = "strip"
		if m := s.pick(names, "m/"); m != "" {
			e := open(s.t, objects[m])
			e.Signatures = e.Signatures[:0]
			s.lie(m, e.write(s.t))
		}
	case 8:
		what = "stranger"
		s.forge(stranger, s.chain.Root(), 1+s.rng.Uint64N(1000), false)
		if s.rng.IntN(2) == 0 {
			s.impersonate(bundle.LatestName)
		}
	case 9:
		what = "root"
		r := s.chain.Root().Next(s.now, s.now.Add(year), holders(1, stranger), holders(1, stranger))
		s.lie(bundle.RootName(r.Version), signText(s.t, rootType, canonical(s.t, r), stranger))
	case 10:
		what = "other environment"
		s.mixEnvironments()
	case 11:
		what = "steal"
		s.steal()
	case 12:
		what = "counterfeit"
		s.counterfeit()
	}
	s.happened("attacker", what, name)
}

// target prefers what hosts read often.
func (s *simulation) target(names []string) string {
	prefixes := []string{bundle.LatestName, "m/", "b/", "d/", "root/", ""}
	if name := s.pick(names, prefixes[s.rng.IntN(len(prefixes))]); name != "" {
		return name
	}
	return s.pick(names, "")
}

// pick picks one of the names with a prefix; "" if there is none.
func (s *simulation) pick(names []string, prefix string) string {
	var list []string
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[s.rng.IntN(len(list))]
}

// lie shows some readers something else.
func (s *simulation) lie(name string, data []byte) {
	to := readers(s.rng.IntN(1 << simulatedHosts))
	if s.rng.IntN(50) == 0 {
		to |= readPublisher
	}
	s.lies[name] = lie{data, to}
}

// lift ends some lies: all of them now and then.
func (s *simulation) lift() {
	for _, name := range slices.Sorted(maps.Keys(s.lies)) {
		if s.rng.IntN(3) == 0 {
			delete(s.lies, name)
		}
	}
	if s.rng.IntN(4) == 0 {
		clear(s.lies)
	}
	s.happened("attacker", "lift", len(s.lies))
}

// damage returns data changed somehow.
func (s *simulation) damage(data []byte) []byte {
	if len(data) == 0 {
		return []byte("junk")
	}
	switch s.rng.IntN(5) {
	case 0:
		return data[:s.rng.IntN(len(data))]
	case 1:
		return append(bytes.Clone(data), "more"...)
	case 2:
		return []byte{}
	}
	return flip(data, s.rng.IntN(8*len(data)))
}

// counterfeits is how often the attacker tries to make a payload that packs to the size of
// another.
const counterfeits = 8

// counterfeit shows every host another payload instead of the newest: one of the same
// sizes, raw and packed, which differs by a bit.
func (s *simulation) counterfeit() {
	if len(s.oracle.honest) == 0 {
		return
	}
	m := s.oracle.honest[len(s.oracle.honest)-1]
	raw, err := compile.Payload(s.oracle.programs[m.Payload.Raw.SHA256])
	if err != nil {
		s.t.Error(err)
		return
	}
	for range counterfeits {
		packed, objects, err := bundle.Pack(flip(raw, s.rng.IntN(8*len(raw))), nil)
		if err != nil {
			s.t.Error(err)
			return
		}
		if packed.Zstd.Size != m.Payload.Zstd.Size {
			continue
		}
		at := slices.IndexFunc(objects, func(o bundle.NamedObject) bool { return o.Name == bundle.PayloadName(packed.Zstd.SHA256) })
		s.lies[bundle.PayloadName(m.Payload.Zstd.SHA256)] = lie{objects[at].Data, everyHost}
		for _, d := range m.Payload.Deltas {
			s.lies[bundle.DeltaName(d.Packed.SHA256)] = lie{nil, everyHost}
		}
		return
	}
}

// replay shows the bucket as it was some revisions ago.
func (s *simulation) replay(names []string, objects map[string][]byte) {
	if len(s.oracle.honest) == 0 {
		return
	}
	then := s.oracle.honest[s.rng.IntN(len(s.oracle.honest))]
	for _, m := range s.oracle.honest {
		if m.Newer(then) {
			s.lie(m.Name(), nil)
		}
	}
	s.lie(bundle.LatestName, objects[then.Name()])
	for _, name := range names {
		if strings.HasPrefix(name, "root/") && s.rng.IntN(4) == 0 {
			s.lie(name, nil)
		}
	}
}

// forge shows a revision that a key has signed, under its own name and as the hint. What
// is signed by keys that their root trusts counts as published.
func (s *simulation) forge(key *bundle.PrivateKey, root *bundle.Root, revision uint64, trusted bool) {
	raw, err := s.compile()
	if err != nil {
		s.t.Error(err)
		return
	}
	sealed, err := bundle.Seal(bundle.Manifest{
		Environment: environment, Epoch: root.Epoch, Revision: revision, Created: s.now, Expires: s.now.Add(fresh),
		MinimumSchema: payload.Schema, Core: s.core(), Message: "forged",
	}, raw, key)
	if err != nil {
		s.t.Error(err)
		return
	}
	if trusted {
		version := attack.Version{Epoch: root.Epoch, Revision: revision}
		s.oracle.signed[version] = append(s.oracle.signed[version],
			signedRevision{s.oracle.programs[bundle.HashOf(raw)], sealed.Manifest, false})
	}
	for _, o := range sealed.Objects {
		s.lies[o.Name] = lie{o.Data, everyHost}
	}
	s.lie(sealed.Manifest.Name(), sealed.Envelope)
	s.lie(bundle.LatestName, sealed.Envelope)
}

// impersonate puts the id of the key that publishes on the first signature of an envelope
// that is shown.
func (s *simulation) impersonate(name string) {
	shown := s.lies[name]
	e := open(s.t, shown.data)
	e.Signatures[0].KeyID = s.key().Public().ID().String()
	shown.data = e.write(s.t)
	s.lies[name] = shown
}

// core is the one that the newest honest revision names.
func (s *simulation) core() bundle.Core {
	if n := len(s.oracle.honest); n > 0 {
		return s.oracle.honest[n-1].Core
	}
	return bundle.Core{Size: 1, ABI: 1}
}

// mixEnvironments shows a manifest of another environment that the same key publishes.
func (s *simulation) mixEnvironments() {
	if len(s.oracle.honest) == 0 {
		return
	}
	m := *s.oracle.honest[len(s.oracle.honest)-1]
	m.Environment, m.Epoch = "staging", s.chain.Root().Epoch
	m.Revision = max(m.Revision, s.chain.Root().Base) + 1
	envelope, err := bundle.SignManifest(m, s.key())
	if err != nil {
		s.t.Error(err)
		return
	}
	s.lie(bundle.LatestName, envelope)
	s.lie(m.Name(), envelope)
}

// steal steals the key that publishes, or uses one that was stolen: for a revision far
// ahead, for one that honest publishers have published or will, or for an epoch ahead.
// After a while there is a new epoch.
func (s *simulation) steal() {
	if len(s.stolen) == 0 || s.rng.IntN(20) == 0 {
		s.stolen = append(s.stolen, theft{s.key(), s.chain.Root()})
		s.happened("thief", "theft", s.chain.Root().Version)
		return
	}
	if s.rng.IntN(10) == 0 {
		s.rotate(true)
	}
	t := s.stolen[s.rng.IntN(len(s.stolen))]
	revision := t.root.Base + 1 + s.rng.Uint64N(20)
	if s.rng.IntN(2) == 0 {
		revision = 1_000_000 + s.rng.Uint64N(1_000_000)
	}
	if s.rng.IntN(3) == 0 {
		ahead := *t.root
		ahead.Epoch++ // which that root has not begun
		s.forge(t.key, &ahead, revision, false)
		return
	}
	s.forge(t.key, t.root, revision, true)
	if now := s.chain.Root(); now.Epoch > t.root.Epoch {
		s.forge(t.key, now, revision, false) // which nobody must believe
	}
}
