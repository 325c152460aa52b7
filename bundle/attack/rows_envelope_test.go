package attack_test

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
)

// envelopeRows are envelopes in forms that two readers could understand differently, or
// that cost a reader more than they should.
func envelopeRows() []row {
	rows := []row{
		{attack: "an empty object", do: forge(func(*attacker, []byte) []byte { return []byte{} })},
		{attack: "no JSON", do: forge(func(*attacker, []byte) []byte { return []byte("hello") })},
		{attack: "JSON null", do: forge(func(*attacker, []byte) []byte { return []byte("null") })},
		{attack: "deep nesting", do: forge(func(*attacker, []byte) []byte { return bytes.Repeat([]byte("["), 10_000) })},
		{attack: "a space", do: text(`,"payload"`, `, "payload"`)},
		{attack: "a line break at the end", do: forge(func(_ *attacker, good []byte) []byte { return append(bytes.Clone(good), '\n') })},
		{attack: "a byte order mark", do: forge(func(_ *attacker, good []byte) []byte { return append([]byte("\ufeff"), good...) })},
		{attack: "a second envelope after the first", do: forge(func(_ *attacker, good []byte) []byte { return append(bytes.Clone(good), good...) })},
		{attack: "a key twice", why: "Go takes the last, other readers the first", do: text(`{"payloadType":`, `{"payloadType":"x","payloadType":`)},
		{attack: "a key twice, in capitals", why: "Go reads both into one field, JavaScript reads two", do: text(`{"payloadType":`, `{"PAYLOADTYPE":"x","payloadType":`)},
		{attack: "a key in capitals", do: text(`"payloadType"`, `"PayloadType"`)},
		{attack: "an unknown key", do: text(`{"payloadType"`, `{"note":"","payloadType"`)},
		{attack: "an escaped letter", do: text(`application`, `\u0061pplication`)},
		{attack: "an escaped slash", do: text(`application/`, `application\/`)},
		{attack: "keys in another order", do: forge(func(a *attacker, good []byte) []byte {
			label := `"payloadType":"` + manifestType + `"`
			return []byte(strings.TrimSuffix(string(a.replace(good, label+",", "")), "}") + "," + label + "}")
		})},
		{attack: "base64 without padding", do: text(`=="}`, `"}`)},
		{attack: "base64 with stray bits", do: forge(func(_ *attacker, good []byte) []byte {
			stray := bytes.Clone(good)
			stray[bytes.Index(stray, []byte(`=="}`))-1]++ // 64 bytes leave four bits over
			return stray
		})},
		{attack: "base64 with a line break", do: text(`"payload":"`, `"payload":"\n`)},
		{attack: "base64 for URLs", do: forge(func(a *attacker, good []byte) []byte {
			i := bytes.Index(good, []byte(`"sig":"`))
			return append(bytes.Clone(good[:i]), strings.NewReplacer("+", "-", "/", "_").Replace(string(good[i:]))+" "...)
		})},
		{attack: "a key id in capitals", do: forge(func(a *attacker, good []byte) []byte {
			id := a.keys[0].Public().ID().String()
			return a.replace(good, id, strings.ToUpper(id))
		})},
		{attack: "signatures null", do: parts(func(_ *attacker, e envelope) envelope { e.Signatures = nil; return e })},
		{attack: "all signatures stripped", do: parts(func(_ *attacker, e envelope) envelope { e.Signatures = []signature{}; return e })},
		{attack: "a signature twice", do: parts(func(_ *attacker, e envelope) envelope {
			e.Signatures = append(e.Signatures, e.Signatures[0])
			return e
		})},
		{attack: "an empty signature", do: parts(func(_ *attacker, e envelope) envelope { e.Signatures[0].Sig = nil; return e })},
		{attack: "nine signatures", why: "each would cost a verification", do: parts(func(_ *attacker, e envelope) envelope {
			for i := range byte(9) {
				e = e.with(bundle.Hash{0xff, i}.String(), e.Signatures[0].Sig)
			}
			return e
		})},
		{attack: "50 junk signatures", do: parts(func(_ *attacker, e envelope) envelope {
			e.Signatures = slices.Repeat(e.Signatures[:1], 50)
			return e
		})},
		{attack: "a payload type that nobody knows", do: forge(func(a *attacker, good []byte) []byte {
			return signText(a.t, "application/vnd.in-toto+json", open(a.t, good).Payload, a.keys...)
		})},
		{attack: "signed as a root", do: forge(func(a *attacker, good []byte) []byte {
			return signText(a.t, rootType, open(a.t, good).Payload, a.keys...)
		})},
		{attack: "a root for a manifest", do: forge(func(a *attacker, _ []byte) []byte { return a.root })},
		{attack: "the payload for a manifest", do: forge(func(a *attacker, _ []byte) []byte {
			gzip, _ := a.packed()
			return a.history[coming][gzip]
		})},
	}
	for i := range rows {
		rows[i].reason = reload.ReasonEnvelope
	}
	return append(rows,
		row{attack: "20,000 junk signatures", do: parts(func(_ *attacker, e envelope) envelope {
			e.Signatures = slices.Repeat(e.Signatures[:1], 20_000)
			return e
		}), reason: reload.ReasonTooLarge, local: true},
		row{attack: "an envelope of a byte too many", do: forge(func(*attacker, []byte) []byte {
			return make([]byte, bundle.MaxEnvelopeSize+1)
		}), reason: reload.ReasonTooLarge},
	)
}
