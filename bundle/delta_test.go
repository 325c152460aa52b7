package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// generations are payloads of which each differs a little from the one before.
func generations(n int) [][]byte {
	noise := make([]byte, 64<<10)
	rand.NewChaCha8([32]byte{7}).Read(noise)
	all := make([][]byte, n)
	for i := range all {
		copy(noise[1000*i:], fmt.Sprintf("generation %d", i))
		all[i] = bytes.Clone(noise)
	}
	return all
}

// newestFirst are the payloads before the last.
func newestFirst(all [][]byte) (earlier [][]byte) {
	for i := len(all) - 2; i >= 0; i-- {
		earlier = append(earlier, all[i])
	}
	return earlier
}

func sealAfter(t testing.TB, payload []byte, earlier ...[]byte) *Sealed {
	t.Helper()
	s, err := SealAfter(testManifest(), payload, earlier, testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at is a verified bundle with a payload.
func at(payload []byte) *Bundle {
	return &Bundle{Manifest: &Manifest{Payload: Payload{Raw: digestOf(payload)}}, Payload: payload}
}

func TestDeltasFromEveryEarlierPayload(t *testing.T) {
	all := generations(5)
	newest := all[4]
	sealed := sealAfter(t, newest, newestFirst(all)...)
	m, err := testRoot(t, 1, testKey(1)).VerifyManifest(sealed.Envelope)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Payload.Deltas) != 4 || len(sealed.Objects) != 6 {
		t.Fatalf("%d deltas, %d objects", len(m.Payload.Deltas), len(sealed.Objects))
	}
	src := bucket{}.add(sealed)
	for i, have := range all[:4] {
		f, err := Fetch(context.Background(), src, m, "", at(have))
		if err != nil || f.Method != FetchDelta || f.DeltaErr != nil || !bytes.Equal(f.Payload, newest) {
			t.Errorf("from generation %d: by %s, %v, %v", i, f.Method, f.DeltaErr, err)
		}
		if f.Size >= 500 {
			t.Errorf("from generation %d: the delta has %d bytes", i, f.Size)
		}
	}
	for name, c := range map[string]struct {
		at   *Bundle
		want FetchMethod
	}{"nothing": {nil, FetchZstd}, "something else": {at([]byte("else")), FetchZstd}, "the payload itself": {at(newest), FetchKept}} {
		f, err := Fetch(context.Background(), src, m, "", c.at)
		if err != nil || f.Method != c.want || f.DeltaErr != nil || !bytes.Equal(f.Payload, newest) {
			t.Errorf("from %s: %v by %s, want %s", name, err, f.Method, c.want)
		}
	}
	delete(src, PayloadName(m.Payload.Zstd.SHA256))
	if f, err := Fetch(context.Background(), src, m, "", nil); err != nil || f.Method != FetchGzip {
		t.Errorf("without zstd: %v", err)
	}
}

func TestDeltasAreDeterministic(t *testing.T) {
	all := generations(3)
	a, b := sealAfter(t, all[2], newestFirst(all)...), sealAfter(t, all[2], newestFirst(all)...)
	if !bytes.Equal(a.Envelope, b.Envelope) {
		t.Error("two manifests of the same payloads differ")
	}
}

func TestDeltasThatAreOfNoUseAreNotMade(t *testing.T) {
	all := generations(2)
	noise := make([]byte, 1000)
	rand.NewChaCha8([32]byte{8}).Read(noise)
	big := make([]byte, MaxDeltaPayload+1)
	many := generations(MaxDeltas + 3)
	for name, c := range map[string]struct {
		payload []byte
		earlier [][]byte
		want    int
	}{
		"of the payload itself":          {all[1], [][]byte{all[1]}, 0},
		"of an earlier payload twice":    {all[1], [][]byte{all[0], all[0]}, 1},
		"of nothing":                     {all[1], [][]byte{nil}, 0},
		"not smaller than the whole":     {[]byte("a short payload"), [][]byte{noise}, 0},
		"from a payload over the limit":  {all[1], [][]byte{big, all[0]}, 1},
		"to a payload over the limit":    {big, [][]byte{all[0]}, 0},
		"more than a manifest may list":  {many[len(many)-1], newestFirst(many), MaxDeltas},
		"from a payload of other things": {all[1], [][]byte{noise}, 0},
	} {
		if got := sealAfter(t, c.payload, c.earlier...).Manifest.Payload.Deltas; len(got) != c.want {
			t.Errorf("%s: %d deltas, want %d", name, len(got), c.want)
		}
	}
}

// A delta that is missing, damaged or not what the manifest says costs a download, and
// nothing else.
func TestBadDeltasFallBackToTheWholePayload(t *testing.T) {
	all := generations(2)
	sealed := sealAfter(t, all[1], all[0])
	m := sealed.Manifest
	name := DeltaName(m.Payload.Deltas[0].Packed.SHA256)
	good := bucket{}.add(sealed)[name]
	bomb, err := packDelta(all[0], make([]byte, 100<<20))
	if err != nil {
		t.Fatal(err)
	}
	other, err := packDelta(all[0], bytes.ToUpper(all[1]))
	if err != nil {
		t.Fatal(err)
	}
	// signed has the bytes for a delta in a manifest that says so.
	signed := func(delta []byte) (bucket, *Manifest) {
		forged := *m
		forged.Payload.Deltas = []Delta{{m.Payload.Deltas[0].From, digestOf(delta)}}
		src := bucket{}.add(sealed)
		src[DeltaName(HashOf(delta))] = delta
		return src, &forged
	}
	replaced := func(delta []byte) (bucket, *Manifest) {
		src := bucket{}.add(sealed)
		src[name] = delta
		return src, m
	}
	rows := map[string]struct {
		make func([]byte) (bucket, *Manifest)
		with []byte
	}{
		"empty":                             {replaced, nil},
		"cut off":                           {replaced, good[:len(good)-1]},
		"endless":                           {replaced, append(bytes.Clone(good), make([]byte, 1<<20)...)},
		"the whole payload":                 {replaced, sealed.Objects[1].Data},
		"signed junk":                       {signed, []byte("junk")},
		"a signed bomb":                     {signed, bomb},
		"a signed bomb of two":              {signed, append(bytes.Clone(good), bomb...)},
		"signed, of another payload":        {signed, other},
		"signed, with a window without end": {signed, append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff}, good[9:]...)},
	}
	for what, row := range rows {
		src, m := row.make(row.with)
		f, err := Fetch(context.Background(), src, m, "", at(all[0]))
		if err != nil || f.Method != FetchZstd || !errors.Is(f.DeltaErr, ErrMismatch) || !bytes.Equal(f.Payload, all[1]) {
			t.Errorf("a delta that is %s: by %s, %v, %v", what, f.Method, f.DeltaErr, err)
		}
	}
	for i := range good {
		for bit := range 8 {
			flipped := bytes.Clone(good)
			flipped[i] ^= 1 << bit
			src, m := signed(flipped)
			// A bit of the header means nothing, so that one delta is as good as before.
			if f, err := Fetch(context.Background(), src, m, "", at(all[0])); err != nil || !bytes.Equal(f.Payload, all[1]) {
				t.Errorf("a signed delta with bit %d of byte %d flipped: %v", bit, i, err)
			}
			src, m = replaced(flipped)
			if f, err := Fetch(context.Background(), src, m, "", at(all[0])); err != nil || f.Method != FetchZstd {
				t.Errorf("a delta with bit %d of byte %d flipped: by %s, %v", bit, i, f.Method, err)
			}
		}
	}
	src := bucket{}.add(sealed)
	delete(src, name)
	if f, err := Fetch(context.Background(), src, m, "", at(all[0])); err != nil || f.Method != FetchZstd || !errors.Is(f.DeltaErr, ErrNotFound) {
		t.Errorf("a missing delta: %v, %v", f.DeltaErr, err)
	}
	rotten := at(bytes.Clone(all[0]))
	rotten.Payload[5000] ^= 1
	if f, err := Fetch(context.Background(), bucket{}.add(sealed), m, "", rotten); err != nil || f.Method != FetchZstd || !errors.Is(f.DeltaErr, ErrMismatch) {
		t.Errorf("from a payload that has changed in memory: %v, %v", f.DeltaErr, err)
	}
}

// TestHostileDeltaMemory inflates deltas that ask for much more memory than was signed.
func TestHostileDeltaMemory(t *testing.T) {
	from := generations(1)[0]
	bomb, err := packDelta(from, make([]byte, MaxDeltaPayload))
	if err != nil {
		t.Fatal(err)
	}
	for name, packed := range map[string][]byte{
		"a bomb that tells its size":   bomb,
		"a bomb that hides its size":   hideSize(t, bomb),
		"a bomb behind another":        append(hideSize(t, bomb), bomb...),
		"a size of 16 exbibytes":       {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x01, 0, 0},
		"a window of almost 4 TiB":     {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0, 0},
		"a dictionary of another name": {0x28, 0xb5, 0x2f, 0xfd, 0x21, 0x07, 0x05, 0x01, 0, 0},
	} {
		const size, limit = 64 << 10, 1 << 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := inflateDelta(packed, from, size)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > limit {
			t.Errorf("%s: inflating to %d bytes took %d bytes", name, size, got)
		}
	}
}

// hideSize rewrites a frame's header without the size of its content.
func hideSize(t *testing.T, frame []byte) []byte {
	t.Helper()
	const singleSegment, sizeOf4Bytes, window32MiB = 0x20, 0x80, 15 << 3
	if frame[4] != singleSegment|sizeOf4Bytes {
		t.Fatalf("the header's descriptor is %#x", frame[4])
	}
	return append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0, window32MiB}, frame[9:]...)
}

// TestDeltasAreThoseOfZstd inflates a delta with the reference implementation.
func TestDeltasAreThoseOfZstd(t *testing.T) {
	program, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("the zstd program is not installed")
	}
	all := generations(2)
	delta, err := packDelta(all[0], all[1])
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	from, packed := filepath.Join(directory, "from"), filepath.Join(directory, "delta.zst")
	for name, data := range map[string][]byte{from: all[0], packed: delta} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := exec.Command(program, "-q", "-d", "-c", "--patch-from", from, packed).Output()
	if err != nil || !bytes.Equal(got, all[1]) {
		t.Errorf("zstd makes %d bytes of it, %v; want %d", len(got), err, len(all[1]))
	}
}
