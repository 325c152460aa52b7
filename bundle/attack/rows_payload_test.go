package attack_test

import (
	"bytes"
	"compress/gzip"
	"maps"

	"github.com/klauspost/compress/zstd"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
)

// bombSize is what a bomb inflates to, in bytes: thousands of times what was signed.
const bombSize = 20 << 20

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
		{attack: "a gzip bomb in the payload's place", do: repack(func(a *attacker, _ []byte) []byte { return gzipBomb(a) })},
		{attack: "a zstd bomb in the payload's place", do: repack(func(a *attacker, _ []byte) []byte { return zstdBomb(a) })},
		{attack: "signed: a bomb", why: "whoever can sign can do worse; but no host must fall over it",
			do: func(a *attacker) { a.pack(gzipBomb(a), zstdBomb(a), 0) }},
		{attack: "signed: junk that is no packed payload", do: func(a *attacker) { a.pack([]byte("junk"), []byte("junk"), 0) }},
		{attack: "signed: a payload that is longer than it says", do: func(a *attacker) { a.packHonest(-1) }},
		{attack: "signed: a payload that is shorter than it says", do: func(a *attacker) { a.packHonest(1) }},
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

// pack offers other packed payloads for revision coming, whose raw size is told wrong by
// so many bytes, all signed with the right keys.
func (a *attacker) pack(gzip, zstd []byte, wrong int64) {
	a.bucket[bundle.PayloadName(bundle.HashOf(gzip))] = gzip
	a.bucket[bundle.PayloadName(bundle.HashOf(zstd))] = zstd
	a.offer(a.signed(coming, func(m *bundle.Manifest) {
		m.Payload.Raw.Size += wrong
		m.Payload.Gzip = bundle.Digest{SHA256: bundle.HashOf(gzip), Size: int64(len(gzip))}
		m.Payload.Zstd = bundle.Digest{SHA256: bundle.HashOf(zstd), Size: int64(len(zstd))}
		m.Payload.Deltas = nil
	}, a.keys...))
}

// packHonest packs the payload of revision coming with a raw size that is wrong.
func (a *attacker) packHonest(wrong int64) {
	gzip, zstd := a.packed()
	a.pack(a.history[coming][gzip], a.history[coming][zstd], wrong)
}

func gzipBomb(a *attacker) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(make([]byte, bombSize)); err != nil {
		a.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		a.t.Fatal(err)
	}
	return b.Bytes()
}

func zstdBomb(a *attacker) []byte {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		a.t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(make([]byte, bombSize), nil)
}
