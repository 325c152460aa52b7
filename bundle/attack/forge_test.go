package attack_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

// The payload types of signed documents.
const (
	manifestType = "application/vnd.sortition.manifest+json"
	rootType     = "application/vnd.sortition.root+json"
)

// envelope is a DSSE envelope as attackers write it: nothing in it is checked.
type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     []byte      `json:"payload"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   []byte `json:"sig"`
}

// open reads the parts of an envelope.
func open(t testing.TB, data []byte) envelope {
	t.Helper()
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// write returns the envelope's canonical text.
func (e envelope) write(t testing.TB) []byte { return canonical(t, e) }

// canonical is the one text of a document.
func canonical(t testing.TB, document any) []byte {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// sign adds a signature by each key, in ascending order of key id.
func (e envelope) sign(t testing.TB, keys ...*bundle.PrivateKey) envelope {
	t.Helper()
	message := fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(e.PayloadType), e.PayloadType, len(e.Payload), e.Payload)
	for _, k := range keys {
		sig, err := k.Sign(message)
		if err != nil {
			t.Fatal(err)
		}
		e = e.with(k.Public().ID().String(), sig)
	}
	return e
}

// with adds a signature as it is.
func (e envelope) with(keyID string, sig []byte) envelope {
	e.Signatures = append(slices.Clone(e.Signatures), signature{keyID, sig})
	slices.SortFunc(e.Signatures, func(a, b signature) int { return bytes.Compare([]byte(a.KeyID), []byte(b.KeyID)) })
	return e
}

// signText signs any text as a document.
func signText(t testing.TB, payloadType string, text []byte, keys ...*bundle.PrivateKey) []byte {
	t.Helper()
	return envelope{PayloadType: payloadType, Payload: text}.sign(t, keys...).write(t)
}

// flip returns data with one bit changed.
func flip(data []byte, bit int) []byte {
	data = bytes.Clone(data)
	data[bit/8] ^= 1 << (bit % 8)
	return data
}
