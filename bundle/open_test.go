package bundle

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/bundle/payload"
)

func TestSealedBundleOpens(t *testing.T) {
	key := testKey(1)
	root := testRoot(t, 1, key)
	random := rand.NewChaCha8([32]byte{1})
	noise := make([]byte, 3<<20)
	random.Read(noise)
	payloads := map[string][]byte{
		"one byte":             {7},
		"compressible":         testPayload,
		"incompressible":       noise,
		"beyond the window":    bytes.Repeat(noise[:2<<20], 5),
		"compresses very well": make([]byte, 20<<20),
	}
	for name, raw := range payloads {
		t.Run(name, func(t *testing.T) {
			sealed, err := Seal(testManifest(), raw, key)
			if err != nil {
				t.Fatal(err)
			}
			for i, only := range []string{"gzip", "zstd"} {
				src := bucket{sealed.Objects[i].Name: sealed.Objects[i].Data}
				b, err := Open(context.Background(), src, root, sealed.Envelope, "production")
				if err != nil {
					t.Fatalf("with %s only: %v", only, err)
				}
				if !bytes.Equal(b.Payload, raw) {
					t.Errorf("with %s only: the payload differs", only)
				}
				if b.Manifest.Revision != 7 || b.Manifest.Message != testManifest().Message {
					t.Errorf("with %s only: manifest %+v", only, b.Manifest)
				}
			}
		})
	}
}

func TestSealIsDeterministic(t *testing.T) {
	a, b := seal(t, testManifest(), testKey(1), testKey(2)), seal(t, testManifest(), testKey(2), testKey(1))
	if !bytes.Equal(a.Envelope, b.Envelope) {
		t.Error("the order of the signers changes the envelope")
	}
	for i := range a.Objects {
		if a.Objects[i].Name != b.Objects[i].Name || !bytes.Equal(a.Objects[i].Data, b.Objects[i].Data) {
			t.Errorf("object %d differs", i)
		}
	}
	if got, want := HashOf(a.Objects[0].Data).String(), a.Objects[0].Name; "b/"+got != want {
		t.Errorf("object is named %s, its hash is %s", want, got)
	}
}

func TestSealRefuses(t *testing.T) {
	for name, raw := range map[string][]byte{
		"an empty payload":        nil,
		"a payload over the size": make([]byte, payload.MaxSize+1),
	} {
		if _, err := Seal(testManifest(), raw, testKey(1)); err == nil {
			t.Errorf("sealed %s", name)
		}
	}
	if _, err := Seal(testManifest(), testPayload); err == nil {
		t.Error("sealed without a signer")
	}
	if _, err := Seal(testManifest(), testPayload, testKey(1), testKey(1)); err == nil {
		t.Error("sealed with the same key twice")
	}
	if _, err := Seal(testManifest(), testPayload, liar{testKey(1)}); err == nil {
		t.Error("sealed with a signer that does not sign")
	}
}

// liar is a signer whose signatures are wrong.
type liar struct{ *PrivateKey }

func (l liar) Sign([]byte) ([]byte, error) { return l.PrivateKey.Sign([]byte("something else")) }

func TestEveryMangledEnvelopeByteIsRefused(t *testing.T) {
	keys := []Signer{testKey(1), testKey(2)}
	root := testRoot(t, 2, testKey(1), testKey(2))
	sealed := seal(t, testManifest(), keys...)
	src := bucket{}.add(sealed)
	for i := range sealed.Envelope {
		for _, flip := range []byte{1, 0x20, 0x80} {
			mangled := bytes.Clone(sealed.Envelope)
			mangled[i] ^= flip
			_, err := Open(context.Background(), src, root, mangled, "production")
			if !errors.Is(err, ErrEnvelope) && !errors.Is(err, ErrSignature) {
				t.Fatalf("byte %d (%q) flipped by %#x: %v", i, sealed.Envelope[i], flip, err)
			}
		}
		if _, err := root.VerifyManifest(sealed.Envelope[:i]); !errors.Is(err, ErrEnvelope) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	if _, err := root.VerifyManifest(append(bytes.Clone(sealed.Envelope), '\n')); !errors.Is(err, ErrEnvelope) {
		t.Errorf("with a line end: %v", err)
	}
}

func TestEveryMangledPayloadByteIsRefused(t *testing.T) {
	key := testKey(1)
	root := testRoot(t, 1, key)
	sealed := seal(t, testManifest(), key)
	open := func(src bucket) error {
		_, err := Open(context.Background(), src, root, sealed.Envelope, "production")
		return err
	}
	for _, o := range sealed.Objects {
		for i := range o.Data {
			mangled := bytes.Clone(o.Data)
			mangled[i] ^= 0x10
			if err := open(bucket{o.Name: mangled}); !errors.Is(err, ErrMismatch) {
				t.Fatalf("%s: byte %d flipped: %v", o.Name, i, err)
			}
			if err := open(bucket{o.Name: o.Data[:i]}); !errors.Is(err, ErrMismatch) {
				t.Fatalf("%s: cut to %d bytes: %v", o.Name, i, err)
			}
		}
		if err := open(bucket{o.Name: append(bytes.Clone(o.Data), 0)}); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: one byte more: %v", o.Name, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	key := testKey(1)
	root := testRoot(t, 1, key)
	gzipBomb, err := packGzip(make([]byte, 50<<20))
	if err != nil {
		t.Fatal(err)
	}
	zstdBomb, err := packZstd(make([]byte, 50<<20))
	if err != nil {
		t.Fatal(err)
	}
	otherGzip, err := packGzip(bytes.ToUpper(testPayload))
	if err != nil {
		t.Fatal(err)
	}
	// packed is a signed manifest whose payload objects are these, whatever they hold.
	// Without a zstd object, the gzip one is read.
	packed := func(gzip, zstd []byte) (bucket, []byte) {
		m := testManifest()
		m.Payload = Payload{Raw: digestOf(testPayload), Gzip: digestOf(gzip), Zstd: digestOf([]byte("absent"))}
		if zstd != nil {
			m.Payload.Zstd = digestOf(zstd)
		}
		envelope, err := SignManifest(m, key)
		if err != nil {
			t.Fatal(err)
		}
		src := bucket{PayloadName(HashOf(gzip)): gzip}
		if zstd != nil {
			src[PayloadName(HashOf(zstd))] = zstd
		}
		return src, envelope
	}
	good := seal(t, testManifest(), key)
	newer := testManifest()
	newer.MinimumSchema = payload.Schema + 1

	for _, row := range []struct {
		attack string
		src    func() (bucket, []byte)
		want   error
	}{
		{"a missing payload", func() (bucket, []byte) { return bucket{}, good.Envelope }, ErrNotFound},
		{"a payload that needs a newer reader", func() (bucket, []byte) {
			s := seal(t, newer, key)
			return bucket{}.add(s), s.Envelope
		}, ErrSchema},
		{"a signed gzip bomb", func() (bucket, []byte) { return packed(gzipBomb, nil) }, ErrMismatch},
		{"a signed zstd bomb", func() (bucket, []byte) { return packed(gzipBomb, zstdBomb) }, ErrMismatch},
		{"signed junk as zstd", func() (bucket, []byte) { return packed(gzipBomb, []byte("junk")) }, ErrMismatch},
		{"signed junk as gzip", func() (bucket, []byte) { return packed([]byte("junk"), nil) }, ErrMismatch},
		{"a signed gzip of another payload of the same size", func() (bucket, []byte) { return packed(otherGzip, nil) }, ErrMismatch},
	} {
		src, envelope := row.src()
		if _, err := Open(context.Background(), src, root, envelope, "production"); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.attack, err, row.want)
		}
	}
	if _, err := Open(context.Background(), bucket{}.add(good), root, good.Envelope, "staging"); !errors.Is(err, ErrEnvironment) {
		t.Errorf("a manifest of another environment: %v", err)
	}
}
