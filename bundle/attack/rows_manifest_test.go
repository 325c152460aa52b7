package attack_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/edge/reload"
)

// manifestRows are manifests that the right keys signed and that are refused all the
// same: a signature does not make a document valid.
func manifestRows() []row {
	var rows []row
	for _, r := range []struct{ attack, old, new string }{
		{"no environment", `"environment":"production"`, `"environment":""`},
		{"a path as environment", `"environment":"production"`, `"environment":"../x"`},
		{"revision zero", `"revision":6`, `"revision":0`},
		{"a negative revision", `"revision":6`, `"revision":-6`},
		{"a revision that JavaScript cannot hold", `"revision":6`, `"revision":9007199254740993`},
		{"a revision over 64 bits", `"revision":6`, `"revision":18446744073709551622`},
		{"a revision as text", `"revision":6`, `"revision":"6"`},
		{"a revision as a fraction", `"revision":6`, `"revision":6.0`},
		{"a revision with an exponent", `"revision":6`, `"revision":6e0`},
		{"a revision null", `"revision":6`, `"revision":null`},
		{"a revision twice", `"revision":6`, `"revision":6,"revision":7`},
		{"a revision twice, in capitals", `"revision":6`, `"REVISION":7,"revision":6`},
		{"no revision", `"revision":6,`, ``},
		{"epoch zero", `"epoch":1`, `"epoch":0`},
		{"a local time", `:00:00Z"`, `:00:00+00:00"`},
		{"fractions of a second", `:00:00Z"`, `:00:00.5Z"`},
		{"a short hash", `"raw":{"sha256":"`, `"raw":{"sha256":"0`},
		{"deltas null", `"deltas":[`, `"deltas":null,"x":[`},
		{"a negative schema", `"minimum_schema":`, `"minimum_schema":-`},
		{"a negative ABI", `"abi":`, `"abi":-`},
		{"an endless author", `ada@`, strings.Repeat("a", bundle.MaxAuthorLength) + `@`},
		{"an endless message", `grow`, strings.Repeat("grow", bundle.MaxMessageLength)},
		{"no audit head", `"audit_head":{`, `"audit_head":null,"x":{`},
		{"no canary", `"canary":null,`, ``},
		{"a canary that is nothing", `"canary":null`, `"canary":{}`},
		{"a canary without a stable revision", `"canary":null`, canaryText(0, 1, "eu")},
		{"a canary that is stable itself", `"canary":null`, canaryText(6, 1, "eu")},
		{"a canary of a later revision", `"canary":null`, canaryText(7, 1, "eu")},
		{"a canary of no slot", `"canary":null`, canaryText(5, 0, "eu")},
		{"a canary of more than every slot", `"canary":null`, canaryText(5, 10_001, "eu")},
		{"a canary by a label that is a path", `"canary":null`, canaryText(5, 1, "../eu")},
		{"a message of two lines", `grow`, `\n`},
		{"a line separator", `grow`, "\u2028"},
		{"half a surrogate", `grow`, `\ud800`},
		{"a text that is not UTF-8", `grow`, "\xff"},
		{"HTML escapes", `<`, `\u003c`},
		{"an unknown field", `{"environment"`, `{"admin":true,"environment"`},
	} {
		rows = append(rows, row{attack: "signed: " + r.attack, do: document(r.old, r.new)})
	}
	for _, r := range []struct{ attack, document string }{
		{"an array", `[]`}, {"null", `null`}, {"nothing", ``}, {"a number", `6`},
	} {
		rows = append(rows, row{attack: "signed: " + r.attack, do: forge(func(a *attacker, _ []byte) []byte {
			return signText(a.t, manifestType, []byte(r.document), a.keys...)
		})})
	}
	delta := bundle.Delta{From: bundle.Hash{1}, Packed: bundle.Digest{Size: 1}}
	for _, r := range []struct {
		attack string
		change func(m *bundle.Manifest)
	}{
		{"expiry before creation", func(m *bundle.Manifest) { m.Expires = m.Created.Add(-time.Second) }},
		{"a payload of no bytes", func(m *bundle.Manifest) { m.Payload.Raw.Size = 0 }},
		{"a payload of negative size", func(m *bundle.Manifest) { m.Payload.Gzip.Size = -1 }},
		{"a payload over the limit", func(m *bundle.Manifest) { m.Payload.Raw.Size = payload.MaxSize + 1 }},
		{"a packed payload over the limit", func(m *bundle.Manifest) { m.Payload.Zstd.Size = bundle.MaxPayloadPacked + 1 }},
		{"a delta twice", func(m *bundle.Manifest) { m.Payload.Deltas = []bundle.Delta{delta, delta} }},
		{"a delta of no bytes", func(m *bundle.Manifest) { m.Payload.Deltas = []bundle.Delta{{From: bundle.Hash{1}}} }},
		{"too many deltas", func(m *bundle.Manifest) {
			for i := range byte(bundle.MaxDeltas + 1) {
				m.Payload.Deltas = append(m.Payload.Deltas, bundle.Delta{From: bundle.Hash{i, 1}, Packed: delta.Packed})
			}
		}},
		{"a core over the limit", func(m *bundle.Manifest) { m.Core.Size = bundle.MaxCoreSize + 1 }},
	} {
		rows = append(rows, row{attack: "signed: " + r.attack, do: forge(func(a *attacker, _ []byte) []byte {
			m := *a.manifestOf(a.t, coming)
			m.Payload.Deltas = []bundle.Delta{}
			r.change(&m)
			return signText(a.t, manifestType, canonical(a.t, m), a.keys...)
		})})
	}
	for i := range rows {
		rows[i].reason = reload.ReasonManifest
	}
	return append(rows,
		row{attack: "a canary of other hosts", why: "who is not in it has the stable revision already",
			do: offered(atHand)},
		row{attack: "a canary whose stable revision is older", why: "no host goes back, not to that either",
			do: offered(atHand - 1), want: &attack.Version{Epoch: 1, Revision: coming}},
		row{attack: "a payload for a newer reader", do: manifest(func(m *bundle.Manifest) { m.MinimumSchema = payload.Schema + 1 }), reason: reload.ReasonSchema},
	)
}

// canaryText is a canary as it stands in a manifest.
func canaryText(stable, share int, region string) string {
	return fmt.Sprintf(`"canary":{"stable":%d,"salt":"s","share":%d,"labels":[{"name":"region","values":["%s"]}]}`, stable, share, region)
}

// offered signs the revision for a canary to which the host does not belong: it has no id.
func offered(stable uint64) func(*attacker) {
	return manifest(func(m *bundle.Manifest) { m.Canary = &bundle.Canary{Stable: stable, Salt: "s", Share: 9_999} })
}
