package bundle

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// day is when the tests' documents were made.
var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const year = 365 * 24 * time.Hour

// testKey returns the n-th key of the tests.
func testKey(n byte) *PrivateKey { return KeyFromSeed([32]byte{n}) }

func holders(threshold int, keys ...*PrivateKey) Holders {
	h := Holders{Threshold: threshold}
	for _, k := range keys {
		h.Keys = append(h.Keys, k.Public())
	}
	return h
}

// testRoot returns a root of which each key alone may sign roots, and threshold of
// them manifests.
func testRoot(t testing.TB, threshold int, keys ...*PrivateKey) *Root {
	t.Helper()
	envelope, err := SignRoot(NewRoot(1, 1, day, day.Add(year), holders(1, keys...), holders(threshold, keys...)), keys[0])
	if err != nil {
		t.Fatal(err)
	}
	root, err := ParseRoot(envelope)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// testManifest returns a valid manifest but for its payload.
func testManifest() Manifest {
	return Manifest{
		Environment: "production", Epoch: 1, Revision: 7,
		Created: day, Expires: day.Add(7 * 24 * time.Hour),
		MinimumSchema: 1, Core: CoreOf([]byte("core"), 1),
		Author: "ada@example.com", Message: `grow <checkout> to "25 %" & more`,
	}
}

var testPayload = bytes.Repeat([]byte("experiment, variant, slot; "), 40)

func seal(t testing.TB, m Manifest, signers ...Signer) *Sealed {
	t.Helper()
	s, err := Seal(m, testPayload, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bucket is a source that serves what it holds, whatever its length.
type bucket map[string][]byte

func (b bucket) Get(_ context.Context, name, _ string, limit int64) (Object, error) {
	data, ok := b[name]
	if !ok {
		return Object{}, ErrNotFound
	}
	if int64(len(data)) > limit {
		return Object{}, ErrTooLarge
	}
	return Object{Data: slices.Clone(data)}, nil
}

func (b bucket) add(s *Sealed) bucket {
	for _, o := range s.Objects {
		b[o.Name] = o.Data
	}
	return b
}

// signRaw signs a document as it is, without any check.
func signRaw(t testing.TB, payloadType string, document []byte, signers ...Signer) []byte {
	t.Helper()
	envelope, err := sealEnvelope(payloadType, document, signers)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

// reseal changes an envelope's parts and writes it down again, canonically.
func reseal(t testing.TB, data []byte, change func(*envelope)) []byte {
	t.Helper()
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	change(&e)
	data, err := encodeCanonical(e)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
