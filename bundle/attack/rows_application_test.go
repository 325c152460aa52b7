package attack_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/reload"
)

// twoApplications is the world of a directory that serves two applications, with a host of
// the one.
func twoApplications(t testing.TB) *world {
	return newWorld(t, &world{
		name: "two applications", why: "manifests name a payload for each application; the host is of web",
		rootKeys: []*bundle.PrivateKey{key(31)}, keys: []*bundle.PrivateKey{key(32)},
		application: "web", publishes: programOfTwo,
	})
}

// programOfTwo is programOf for two applications, with an experiment that the host's does
// not have.
func programOfTwo(n uint64) *model.Program {
	p := programOf(n)
	p.Applications = []string{"ios", "web"}
	zoom := p.Experiments[0]
	zoom.Key, zoom.Salt, zoom.Applications = "zoom", "zoom", []int{0}
	p.Experiments = append(p.Experiments, zoom)
	return p
}

// applicationRows confuse applications with each other.
func applicationRows() []row {
	rows := []row{
		{attack: "nothing happens", do: func(*attacker) {}},
		{attack: "news", why: "no attack", do: func(a *attacker) { a.bucket = a.history[coming] }, want: version(coming)},
		{attack: "news for all applications together", why: "without applications a manifest is for every host",
			do: func(a *attacker) {
				a.bucket = maps.Clone(a.history[coming])
				a.bucket[bundle.LatestName] = a.signed(coming, func(m *bundle.Manifest) { m.Applications = nil }, a.keys...)
				a.bucket[bundle.ManifestName(1, coming)] = a.bucket[bundle.LatestName]
			}, want: version(coming)},
		{attack: "an application that is not there", do: applications(func(list []bundle.Application) []bundle.Application {
			return list[:1]
		}), reason: reload.ReasonApplication},
		{attack: "an application that begins alike", do: applications(func(list []bundle.Application) []bundle.Application {
			list[1].Name = "web-eu"
			return list
		}), reason: reload.ReasonApplication},
		{attack: "mix-up: the payload of the other application", do: confuse(func(m *bundle.Manifest) *bundle.Payload {
			return &m.Applications[0].Payload
		}), reason: reload.ReasonPayload},
		{attack: "mix-up: the payload of all applications", do: confuse(func(m *bundle.Manifest) *bundle.Payload {
			return &m.Payload
		}), reason: reload.ReasonPayload},
		{attack: "the payload of the application alone is missing", do: func(a *attacker) {
			a.bucket = maps.Clone(a.history[coming])
			p := a.manifestOf(a.t, coming).Applications[1].Payload
			delete(a.bucket, bundle.PayloadName(p.Gzip.SHA256))
			delete(a.bucket, bundle.PayloadName(p.Zstd.SHA256))
		}, reason: reload.ReasonPayloadMissing},
		{attack: "rollback: an old hint", do: func(a *attacker) {
			a.bucket[bundle.LatestName] = a.envelopeOf(3)
		}, reason: reload.ReasonOlder},
	}
	for _, r := range []struct {
		attack string
		change func(list []bundle.Application) []bundle.Application
		large  bool
	}{
		{"names that descend", func(list []bundle.Application) []bundle.Application {
			slices.Reverse(list)
			return list
		}, false},
		{"a name twice", func(list []bundle.Application) []bundle.Application { return append(list, list[1]) }, false},
		{"no name", func(list []bundle.Application) []bundle.Application {
			list[0].Name = ""
			return list
		}, false},
		{"a name that is a path", func(list []bundle.Application) []bundle.Application {
			list[0].Name = "../ios"
			return list
		}, false},
		{"a payload of no bytes", func(list []bundle.Application) []bundle.Application {
			list[0].Payload.Raw.Size = 0
			return list
		}, false},
		{"too many", func(list []bundle.Application) []bundle.Application {
			for i := range model.MaxApplications - 1 {
				list = append(list, bundle.Application{Name: fmt.Sprintf("web%02d", i), Payload: list[1].Payload})
			}
			return list
		}, true},
		{"too many deltas together", func(list []bundle.Application) []bundle.Application {
			for i := range bundle.MaxApplicationDeltas/bundle.MaxDeltas + 1 {
				p := list[1].Payload
				for j := range bundle.MaxDeltas {
					p.Deltas = append(p.Deltas, bundle.Delta{From: bundle.Hash{byte(i), byte(j), 1}, Packed: bundle.Digest{Size: 1}})
				}
				list = append(list, bundle.Application{Name: fmt.Sprintf("web%02d", i), Payload: p})
			}
			return list
		}, true},
	} {
		rows = append(rows, row{attack: "signed applications: " + r.attack, do: applications(r.change), reason: reload.ReasonManifest, local: r.large})
	}
	for _, r := range []struct{ attack, old, new string }{
		{"null", `"applications":[`, `"applications":null,"x":[`},
		{"an unknown field", `"applications":[{`, `"applications":[{"x":1,`},
		{"a name that is a number", `"name":"ios"`, `"name":1`},
	} {
		rows = append(rows, row{attack: "signed applications: " + r.attack, do: document(r.old, r.new), reason: reload.ReasonManifest})
	}
	return rows
}

// applications offers a manifest of other applications, signed with the right keys.
func applications(change func([]bundle.Application) []bundle.Application) func(*attacker) {
	return forge(func(a *attacker, _ []byte) []byte {
		m := *a.manifestOf(a.t, coming)
		m.Applications = change(slices.Clone(m.Applications))
		return signText(a.t, manifestType, canonical(a.t, m), a.keys...)
	})
}

// confuse publishes revision coming with another of its payloads in the place of that of
// the host's application.
func confuse(other func(*bundle.Manifest) *bundle.Payload) func(*attacker) {
	return func(a *attacker) {
		a.bucket = maps.Clone(a.history[coming])
		m := a.manifestOf(a.t, coming)
		own, is := m.Applications[1].Payload, other(m)
		a.bucket[bundle.PayloadName(own.Gzip.SHA256)] = a.bucket[bundle.PayloadName(is.Gzip.SHA256)]
		a.bucket[bundle.PayloadName(own.Zstd.SHA256)] = a.bucket[bundle.PayloadName(is.Zstd.SHA256)]
	}
}
