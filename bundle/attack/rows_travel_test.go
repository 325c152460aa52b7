package attack_test

import (
	"bytes"
	"maps"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// travelRows are attacks on what only some hosts fetch: deltas, and cores. Without them a
// host comes to the same revision by itself, unless that needs another ABI.
func travelRows() []row {
	deltas := func(change func(delta []byte) []byte) func(*attacker) {
		return func(a *attacker) {
			a.bucket = maps.Clone(a.history[afterward])
			found := false
			for name, data := range a.bucket {
				if strings.HasPrefix(name, "d/") {
					found = true
					a.put(name, change(data))
				}
			}
			if !found {
				a.t.Fatal("there is no delta")
			}
		}
	}
	core := func(found, named []byte, abi int) func(*attacker) {
		return func(a *attacker) {
			a.offer(a.signed(coming, func(m *bundle.Manifest) { m.Core = bundle.CoreOf(named, abi) }, a.keys...))
			a.put(bundle.CoreName(bundle.HashOf(named)), found)
		}
	}
	other := append(bytes.Clone(wasm.Core), "\x00\x06\x04note!"...) // a custom section changes nothing
	useless := bytes.Replace(wasm.Core, []byte("assign_all"), []byte("assign_alL"), 1)
	rows := []row{
		{attack: "deltas that are gone", do: deltas(func([]byte) []byte { return nil }), reason: reload.ReasonDelta, want: version(afterward)},
		{attack: "deltas with a flipped bit", do: deltas(func(d []byte) []byte { return flip(d, 8*len(d)-1) }), reason: reload.ReasonDelta, want: version(afterward)},
		{attack: "deltas that do not end", do: deltas(func(d []byte) []byte { return append(d, make([]byte, 1<<20)...) }), reason: reload.ReasonDelta, want: version(afterward)},
		{attack: "a bomb in a delta's place", do: func(a *attacker) {
			deltas(func([]byte) []byte { return zstdBomb(a, bombSize) })(a)
		}, reason: reload.ReasonDelta, want: version(afterward)},
		{attack: "another core", why: "no attack: the core travels", do: core(other, other, abi.Version), want: version(coming)},
		{attack: "a core that is gone", do: core(nil, other, abi.Version), reason: reload.ReasonCore, want: version(coming)},
		{attack: "a core that is another", do: core(wasm.Core, other, abi.Version), reason: reload.ReasonCore, want: version(coming)},
		{attack: "a core with a flipped bit", do: core(flip(other, 8*len(other)/2), other, abi.Version), reason: reload.ReasonCore, want: version(coming)},
		{attack: "signed: a core that is none", do: core([]byte("core"), []byte("core"), abi.Version), reason: reload.ReasonCore, want: version(coming)},
		{attack: "signed: a core that cannot decide", do: core(useless, useless, abi.Version), reason: reload.ReasonCore, want: version(coming)},
		{attack: "signed: a core of another ABI", do: core(other, other, abi.Version+1), reason: reload.ReasonCore},
		{attack: "signed: a payload on which the core traps", why: "sixteen million layers for eight unit types take more memory than an instance is given", do: program(func(c columns) {
			c["unit.name"] = make([]byte, 4*8)
			c["layer.salt"] = make([]byte, 4*16_000_000)
		}), reason: reload.ReasonActivation},
	}
	for i := range rows {
		rows[i].local = true
	}
	return rows
}
