package bundle

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestForgedEnvelopes shows what no host accepts as a manifest. The host trusts two of
// the keys 1, 2 and 3.
func TestForgedEnvelopes(t *testing.T) {
	root := testRoot(t, 2, testKey(1), testKey(2), testKey(3))
	good := seal(t, testManifest(), testKey(1), testKey(2)).Envelope
	document := payloadOf(t, good)
	if _, err := root.VerifyManifest(good); err != nil {
		t.Fatal(err)
	}
	// text changes the envelope as text.
	text := func(old, new string) func() []byte {
		return func() []byte {
			if strings.Count(string(good), old) == 0 {
				t.Fatalf("the envelope does not contain %s", old)
			}
			return []byte(strings.Replace(string(good), old, new, 1))
		}
	}
	// parts changes the envelope's fields.
	parts := func(change func(*envelope)) func() []byte {
		return func() []byte { return reseal(t, good, change) }
	}

	for _, row := range []struct {
		attack string
		forge  func() []byte
		want   error
	}{
		{"nothing at all", func() []byte { return nil }, ErrEnvelope},
		{"not JSON", func() []byte { return []byte("hello") }, ErrEnvelope},
		{"JSON null", func() []byte { return []byte("null") }, ErrEnvelope},
		{"an endless envelope", func() []byte { return bytes.Repeat([]byte("["), MaxEnvelopeSize+1) }, ErrEnvelope},
		{"deep nesting", func() []byte { return bytes.Repeat([]byte("["), MaxEnvelopeSize) }, ErrEnvelope},
		{"a space", text(`,"payload"`, `, "payload"`), ErrEnvelope},
		{"a field twice", text(`{"payloadType":`, `{"payloadType":"x","payloadType":`), ErrEnvelope},
		{"a field in capitals", text(`"payloadType"`, `"PayloadType"`), ErrEnvelope},
		{"an unknown field", text(`{"payloadType"`, `{"note":"","payloadType"`), ErrEnvelope},
		{"an escaped letter", text(`application`, `\u0061pplication`), ErrEnvelope},
		{"an escaped slash", text(`application/`, `application\/`), ErrEnvelope},
		{"a second document", func() []byte { return append(bytes.Clone(good), good...) }, ErrEnvelope},
		{"fields in another order", func() []byte {
			body := strings.TrimPrefix(string(good), `{"payloadType":"`+ManifestType+`",`)
			return []byte(strings.TrimSuffix(body, "}") + `,"payloadType":"` + ManifestType + `"}`)
		}, ErrEnvelope},
		{"base64 without padding", text(`=="}`, `"}`), ErrEnvelope},
		{"base64 with stray bits", func() []byte {
			i := bytes.Index(good, []byte(`=="}`)) - 1 // of a signature: 64 bytes leave 4 bits over
			stray := bytes.Clone(good)
			stray[i]++
			return stray
		}, ErrEnvelope},
		{"base64 with a line break", text(`"payload":"`, `"payload":"\n`), ErrEnvelope},
		{"a key id in capitals", func() []byte {
			id := testKey(1).Public().ID().String()
			return []byte(strings.Replace(string(good), id, strings.ToUpper(id), 1))
		}, ErrEnvelope},
		{"signatures null", parts(func(e *envelope) { e.Signatures = nil }), ErrEnvelope},
		{"signatures stripped", parts(func(e *envelope) { e.Signatures = []signature{} }), ErrEnvelope},
		{"one signature stripped", parts(func(e *envelope) { e.Signatures = e.Signatures[:1] }), ErrSignature},
		{"signatures in another order", parts(func(e *envelope) { slices.Reverse(e.Signatures) }), ErrEnvelope},
		{"a signature twice", parts(func(e *envelope) { e.Signatures[1] = e.Signatures[0] }), ErrEnvelope},
		{"one key under two ids", parts(func(e *envelope) {
			e.Signatures = withID(e.Signatures[:1], testKey(3).Public().ID(), e.Signatures[0].Sig)
		}), ErrSignature},
		{"one key under an unknown id", parts(func(e *envelope) {
			e.Signatures = withID(e.Signatures[:1], Hash{0xff}, e.Signatures[0].Sig)
		}), ErrSignature},
		{"a wrong signature beside enough right ones", parts(func(e *envelope) {
			e.Signatures = withID(e.Signatures, testKey(3).Public().ID(), e.Signatures[0].Sig)
		}), ErrSignature},
		{"an empty signature", parts(func(e *envelope) { e.Signatures[0].Sig = nil }), ErrEnvelope},
		{"a short signature", parts(func(e *envelope) { e.Signatures[0].Sig = e.Signatures[0].Sig[:63] }), ErrSignature},
		{"nine signatures", parts(func(e *envelope) {
			for i := range byte(MaxSignatures - 1) {
				e.Signatures = withID(e.Signatures, Hash{0xff, i}, e.Signatures[0].Sig)
			}
		}), ErrEnvelope},
		{"20,000 junk signatures", parts(func(e *envelope) {
			e.Signatures = slices.Repeat(e.Signatures, 10_000)
		}), ErrEnvelope},
		{"signed by strangers", func() []byte {
			return signRaw(t, ManifestType, document, testKey(8), testKey(9))
		}, ErrSignature},
		{"signed by one of two and a stranger", func() []byte {
			return signRaw(t, ManifestType, document, testKey(1), testKey(9))
		}, ErrSignature},
		{"signed as a root", func() []byte { return signRaw(t, RootType, document, testKey(1), testKey(2)) }, ErrEnvelope},
		{"signed as a root, relabelled", func() []byte {
			e := signRaw(t, RootType, document, testKey(1), testKey(2))
			return reseal(t, e, func(e *envelope) { e.PayloadType = ManifestType })
		}, ErrSignature},
		{"signed as another type", func() []byte {
			return signRaw(t, "application/vnd.in-toto+json", document, testKey(1), testKey(2))
		}, ErrEnvelope},
		{"signed without the envelope's encoding", parts(func(e *envelope) {
			for i, key := range []*PrivateKey{testKey(1), testKey(2)} {
				e.Signatures[i].KeyID = key.Public().ID()
				e.Signatures[i].Sig, _ = key.Sign(e.Payload)
			}
			sortSignatures(e.Signatures)
		}), ErrSignature},
		{"another payload under old signatures", parts(func(e *envelope) {
			e.Payload = bytes.Replace(e.Payload, []byte(`"revision":7`), []byte(`"revision":8`), 1)
		}), ErrSignature},
	} {
		if m, err := root.VerifyManifest(row.forge()); !errors.Is(err, row.want) || m != nil {
			t.Errorf("%s: got %v, want %v", row.attack, err, row.want)
		}
	}
}

func TestSignaturesOfOtherKeysAreNoFault(t *testing.T) {
	root := testRoot(t, 1, testKey(1))
	if _, err := root.VerifyManifest(seal(t, testManifest(), testKey(1), testKey(9)).Envelope); err != nil {
		t.Errorf("a key in rotation signed too: %v", err)
	}
}

// TestSignedNonsense shows that a valid signature does not make a document valid.
func TestSignedNonsense(t *testing.T) {
	root := testRoot(t, 1, testKey(1))
	good := string(payloadOf(t, seal(t, testManifest(), testKey(1)).Envelope))
	zeros := Hash{}.String()
	delta := `{"from":"` + zeros + `","packed":{"sha256":"` + zeros + `","size":1}}`

	for _, row := range []struct{ what, old, new string }{
		{"no environment", `"environment":"production"`, `"environment":""`},
		{"a path as environment", `"environment":"production"`, `"environment":"../x"`},
		{"revision zero", `"revision":7`, `"revision":0`},
		{"a negative revision", `"revision":7`, `"revision":-7`},
		{"a revision that JavaScript cannot hold", `"revision":7`, `"revision":9007199254740992`},
		{"a revision over 64 bits", `"revision":7`, `"revision":18446744073709551616`},
		{"a revision as text", `"revision":7`, `"revision":"7"`},
		{"a revision as a fraction", `"revision":7`, `"revision":7.0`},
		{"a revision with an exponent", `"revision":7`, `"revision":7e0`},
		{"a revision null", `"revision":7`, `"revision":null`},
		{"a revision twice", `"revision":7`, `"revision":7,"revision":8`},
		{"no revision", `"revision":7,`, ``},
		{"epoch zero", `"epoch":1`, `"epoch":0`},
		{"a local time", `12:00:00Z`, `12:00:00+00:00`},
		{"fractions of a second", `12:00:00Z`, `12:00:00.5Z`},
		{"expiry before creation", `"expires":"2026-03-08`, `"expires":"2026-02-08`},
		{"a short hash", `"raw":{"sha256":"`, `"raw":{"sha256":"0`},
		{"a payload of no bytes", `"size":1080`, `"size":0`},
		{"a payload of negative size", `"size":1080`, `"size":-1`},
		{"a payload over the limit", `"size":1080`, `"size":134217729`},
		{"deltas null", `"deltas":[]`, `"deltas":null`},
		{"a delta twice", `"deltas":[]`, `"deltas":[` + delta + `,` + delta + `]`},
		{"too many deltas", `"deltas":[]`, `"deltas":[` + manyDeltas() + `]`},
		{"an empty delta", `"deltas":[]`, `"deltas":[` + strings.Replace(delta, `"size":1`, `"size":0`, 1) + `]`},
		{"schema zero", `"minimum_schema":1`, `"minimum_schema":0`},
		{"no ABI", `"abi":1`, `"abi":0`},
		{"an endless author", `ada@`, strings.Repeat("a", MaxAuthorLength) + `@`},
		{"an endless message", `grow`, strings.Repeat("grow", MaxMessageLength)},
		{"no audit head", `"audit_head":{`, `"audit_head":null,"x":{`},
		{"a core of no bytes", `"size":4,"abi"`, `"size":0,"abi"`},
		{"a core over the limit", `"size":4,"abi"`, `"size":1048577,"abi"`},
		{"a message of two lines", `grow`, `\n`},
		{"a line separator", `grow`, "\u2028"},
		{"half a surrogate", `grow`, `\ud800`},
		{"not UTF-8", `grow`, "\xff"},
		{"HTML escapes", `<`, `\u003c`},
		{"an unknown field", `{"environment"`, `{"admin":true,"environment"`},
		{"an array", good, `[]`},
		{"null", good, `null`},
		{"nothing", good, ``},
	} {
		if !strings.Contains(good, row.old) {
			t.Fatalf("%s: the manifest does not contain %s: %s", row.what, row.old, good)
		}
		forged := signRaw(t, ManifestType, []byte(strings.Replace(good, row.old, row.new, 1)), testKey(1))
		if _, err := root.VerifyManifest(forged); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: got %v, want %v", row.what, err, ErrManifest)
		}
	}
	otherEpoch := strings.Replace(good, `"epoch":1`, `"epoch":2`, 1)
	if _, err := root.VerifyManifest(signRaw(t, ManifestType, []byte(otherEpoch), testKey(1))); !errors.Is(err, ErrEpoch) {
		t.Errorf("an epoch that the root does not know: %v", err)
	}
}

func manyDeltas() string {
	var list []string
	for i := range MaxDeltas + 1 {
		h := Hash{byte(i)}.String()
		list = append(list, `{"from":"`+h+`","packed":{"sha256":"`+h+`","size":1}}`)
	}
	return strings.Join(list, ",")
}

func TestTimesAreCutToSeconds(t *testing.T) {
	m := testManifest()
	m.Created = m.Created.In(time.FixedZone("east", 3600)).Add(time.Millisecond)
	got, err := testRoot(t, 1, testKey(1)).VerifyManifest(seal(t, m, testKey(1)).Envelope)
	if err != nil {
		t.Fatal(err)
	}
	if got.Created != day {
		t.Errorf("created %v, want %v", got.Created, day)
	}
}

func payloadOf(t testing.TB, data []byte) (payload []byte) {
	reseal(t, data, func(e *envelope) { payload = e.Payload })
	return payload
}

func withID(list []signature, id Hash, sig []byte) []signature {
	list = append(slices.Clone(list), signature{id, sig})
	sortSignatures(list)
	return list
}

func sortSignatures(list []signature) {
	slices.SortFunc(list, func(a, b signature) int { return bytes.Compare(a.KeyID[:], b.KeyID[:]) })
}
