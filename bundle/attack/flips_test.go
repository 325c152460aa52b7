package attack_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"

	"github.com/sortition-dev/sortition/bundle"
)

// TestBitFlips flips a bit of each byte of a manifest, of a root and of both packed
// payloads, and has a real host look at it. The host stays with what it has, and counts
// each.
func TestBitFlips(t *testing.T) {
	w := quorum(t)
	synctest.Test(t, func(t *testing.T) {
		at(published(coming))
		bucket := memoryOf(t, w.before)
		f := follow(t, bucket, w.root)
		defer f.stop()
		put := func(name string, data []byte) {
			if err := bucket.Put(context.Background(), name, data); err != nil {
				t.Fatal(err)
			}
		}
		refused := uint64(0)
		flipAll := func(name string, good, hint []byte) {
			stride := 1
			if testing.Short() {
				stride = 16
			}
			for i := 0; i < len(good); i += stride {
				put(name, flip(good, 8*i+i%8))
				if hint != nil {
					put(bundle.LatestName, append(bytes.Clone(hint), ' ')) // so that it has changed
					f.Refresh(context.Background())
					put(bundle.LatestName, hint)
				}
				f.Refresh(context.Background())
				if s := f.Snapshot(); s.Revision != atHand {
					t.Fatalf("%s with byte %d flipped: revision %d is active", name, i, s.Revision)
				}
				var counted uint64
				for _, n := range f.rejections() {
					counted += n
				}
				if counted <= refused {
					t.Fatalf("%s with byte %d flipped is not counted: %v", name, i, f.rejections())
				}
				refused = counted
			}
		}
		flipAll(bundle.LatestName, w.envelopeOf(coming), nil)

		a := &attacker{t: t, world: w, bucket: objects{}}
		a.rotate(nil)
		put(bundle.LatestName, w.envelopeOf(atHand))
		flipAll(bundle.RootName(2), a.bucket[bundle.RootName(2)], w.envelopeOf(atHand))
		if err := bucket.Delete(context.Background(), bundle.RootName(2)); err != nil {
			t.Fatal(err)
		}

		gzip, zstd := a.packed()
		put(gzip, nil) // so that a host does not turn to the other
		flipAll(zstd, w.before[zstd], w.envelopeOf(coming))
		if err := bucket.Delete(context.Background(), zstd); err != nil {
			t.Fatal(err)
		}
		flipAll(gzip, w.before[gzip], w.envelopeOf(coming))
		f.serves(atHand)
	})
}
