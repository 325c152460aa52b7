package attack_test

import (
	"bytes"
	"compress/gzip"
	"maps"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/edge/reload"
)

// bombSize is what a bomb inflates to, in bytes: thousands of times what was signed.
const bombSize = 8 << 20

// payloadRows are payloads that are not the one that was signed, or not of its size.
func payloadRows() []row {
	rows := []row{
		{attack: "a flipped bit in the payload", do: repack(func(_ *attacker, packed []byte) []byte { return flip(packed, 8*len(packed)/2) })},
		{attack: "a payload cut short", do: repack(func(_ *attacker, packed []byte) []byte { return packed[:len(packed)-1] })},
		{attack: "an empty payload", do: repack(func(*attacker, []byte) []byte { return []byte{} })},
		{attack: "a payload with a byte too many", do: repack(func(_ *attacker, packed []byte) []byte { return append(packed, 0) })},
		{attack: "a megabyte after the payload", do: repack(func(_ *attacker, packed []byte) []byte { return append(packed, make([]byte, 1<<20)...) }), local: true},
		{attack: "the payload, not packed", do: repack(func(a *attacker, _ []byte) []byte { return payloadOf(a.t, programOf(coming)) })},
		{attack: "the payload of another revision", do: func(a *attacker) {
			a.bucket = maps.Clone(a.history[coming])
			gzip, zstd := a.packed()
			last := a.manifestOf(a.t, atHand).Payload
			a.bucket[gzip] = a.bucket[bundle.PayloadName(last.Gzip.SHA256)]
			a.bucket[zstd] = a.bucket[bundle.PayloadName(last.Zstd.SHA256)]
		}},
		{attack: "a gzip bomb in the payload's place", do: repack(func(a *attacker, _ []byte) []byte { return gzipBomb(a, bombSize) })},
		{attack: "a zstd bomb in the payload's place", do: repack(func(a *attacker, _ []byte) []byte { return zstdBomb(a, bombSize) })},
		{attack: "signed: a bomb", why: "whoever can sign can do worse; but no host must fall over it",
			do: func(a *attacker) { a.pack(gzipBomb(a, bombSize), zstdBomb(a, bombSize), func(*bundle.Digest) {}) }},
		{attack: "signed: junk that is no packed payload", do: func(a *attacker) {
			a.pack([]byte("junk"), []byte("junk"), func(*bundle.Digest) {})
		}},
		{attack: "signed: a payload that is longer than it says", why: "what it says is the beginning", do: (*attacker).packMore},
		{attack: "signed: a payload that is longer than it says, in gzip", do: func(a *attacker) {
			a.packMore()
			_, zstd := a.packed()
			delete(a.bucket, zstd)
		}},
		{attack: "signed: a payload that is shorter than it says", do: func(a *attacker) {
			a.packHonest(func(raw *bundle.Digest) { raw.Size++ })
		}},
		{attack: "signed: a payload of another hash", do: func(a *attacker) {
			a.packHonest(func(raw *bundle.Digest) { raw.SHA256[0]++ })
		}},
		{attack: "other bytes that inflate to the same payload", why: "whoever can choose what is inflated can choose what is costly", do: func(a *attacker) {
			a.bucket = maps.Clone(a.history[coming])
			gzip, zstd := a.packed()
			delete(a.bucket, zstd)
			const modified = 4 // where the header of a gzip file has a time
			a.bucket[gzip] = flip(a.bucket[gzip], 8*modified)
		}},
	}
	for i := range rows {
		rows[i].reason = reload.ReasonPayload
	}
	return append(rows,
		row{attack: "the payload is gone", do: func(a *attacker) {
			a.bucket = maps.Clone(a.history[coming])
			gzip, zstd := a.packed()
			delete(a.bucket, gzip)
			delete(a.bucket, zstd)
		}, reason: reload.ReasonPayloadMissing},
	)
}

// pack offers other packed payloads for revision coming, of which something else is said
// about the raw payload, all signed with the right keys.
func (a *attacker) pack(gzip, zstd []byte, say func(raw *bundle.Digest)) {
	a.bucket[bundle.PayloadName(bundle.HashOf(gzip))] = gzip
	a.bucket[bundle.PayloadName(bundle.HashOf(zstd))] = zstd
	a.offer(a.signed(coming, func(m *bundle.Manifest) {
		say(&m.Payload.Raw)
		m.Payload.Gzip = bundle.Digest{SHA256: bundle.HashOf(gzip), Size: int64(len(gzip))}
		m.Payload.Zstd = bundle.Digest{SHA256: bundle.HashOf(zstd), Size: int64(len(zstd))}
	}, a.keys...))
}

// packHonest says something else about the honest payload.
func (a *attacker) packHonest(say func(raw *bundle.Digest)) {
	gzip, zstd := a.packed()
	a.pack(a.history[coming][gzip], a.history[coming][zstd], say)
}

// packMore says that the raw payload is its own beginning.
func (a *attacker) packMore() {
	a.packHonest(func(raw *bundle.Digest) {
		beginning := payloadOf(a.t, programOf(coming))[:raw.Size-1]
		*raw = bundle.Digest{SHA256: bundle.HashOf(beginning), Size: int64(len(beginning))}
	})
}

// gzipBomb inflates to so many bytes.
func gzipBomb(a *attacker, size int) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(make([]byte, size)); err != nil {
		a.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		a.t.Fatal(err)
	}
	return b.Bytes()
}

// zstdBomb inflates to so many bytes.
func zstdBomb(a *attacker, size int) []byte {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		a.t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(make([]byte, size), nil)
}

// TestBombsTakeNoMemory has a host look at bombs that were signed with the right keys. It
// takes no more than the little that looking takes.
func TestBombsTakeNoMemory(t *testing.T) {
	const large, little = payload.MaxSize - 1, 64 << 20 // over the limit is refused unseen
	w := oneKey(t)
	for name, hasZstd := range map[string]bool{"zstd": true, "gzip": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				at(published(coming))
				bucket := memoryOf(t, w.before)
				f := follow(t, bucket, w.root)
				defer f.stop()
				a := &attacker{t: t, world: w, bucket: w.before.over(nil)}
				bomb := zstdBomb(a, large)
				a.pack(gzipBomb(a, large), bomb, func(*bundle.Digest) {})
				if !hasZstd {
					delete(a.bucket, bundle.PayloadName(bundle.HashOf(bomb)))
				}
				lay(t, bucket, a.bucket)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				f.Refresh(t.Context())
				runtime.ReadMemStats(&after)
				f.serves(atHand)
				f.rejected(reload.ReasonPayload)
				if taken := after.TotalAlloc - before.TotalAlloc; taken > little {
					t.Errorf("looking at it took %d bytes", taken)
				}
			})
		})
	}
}
