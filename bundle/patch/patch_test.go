package patch

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// inflate inflates a patch with an implementation that others wrote.
func inflate(t testing.TB, from, packed []byte) []byte {
	t.Helper()
	r, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(0, from), zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.DecodeAll(packed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// rows is data that looks like itself everywhere, as the rows of an index do.
func rows(r *rand.Rand, n int) []byte {
	data := bytes.Repeat([]byte{0xff}, n)
	for range n / 50 {
		data[r.IntN(n)] ^= 1 << r.IntN(8)
	}
	return data
}

func noise(r *rand.Rand, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

// edit changes data in a few places: bytes, and pieces that come, go and move.
func edit(r *rand.Rand, data []byte, edits int) []byte {
	data = bytes.Clone(data)
	for range edits {
		at := r.IntN(len(data) + 1)
		n := min(1+r.IntN(40), len(data)-at)
		switch r.IntN(4) {
		case 0:
			if n > 0 {
				data[at] ^= 1 << r.IntN(8)
			}
		case 1:
			data = append(bytes.Clone(data[:at]), append(noise(r, 1+r.IntN(40)), data[at:]...)...)
		case 2:
			data = append(bytes.Clone(data[:at]), data[at+n:]...)
		case 3:
			piece := bytes.Clone(data[at : at+n])
			to := r.IntN(len(data) + 1)
			data = append(bytes.Clone(data[:to]), append(piece, data[to:]...)...)
		}
	}
	return data
}

func TestPatches(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		make := []func(*rand.Rand, int) []byte{rows, noise}[seed%2]
		from := make(r, r.IntN(400_000))
		to := edit(r, from, r.IntN(200))
		if len(to) == 0 {
			continue
		}
		packed := Zstd(from, to)
		if packed == nil {
			t.Fatalf("seed %d: no patch for %d bytes", seed, len(to))
		}
		if !bytes.Equal(inflate(t, from, packed), to) {
			t.Fatalf("seed %d: the patch makes something else", seed)
		}
		if !bytes.Equal(Zstd(from, to), packed) {
			t.Fatalf("seed %d: two patches of the same strings differ", seed)
		}
	}
}

// What a little difference costs is little, and the same wherever it is.
func TestSizes(t *testing.T) {
	const n = 2 << 20
	r := rand.New(rand.NewPCG(2, 2))
	from := rows(r, n)
	blocks := n / maxBlock
	changed := func(step int, change func([]byte, int) []byte) []byte {
		to := bytes.Clone(from)
		for at := n - step; at > 0; at -= step {
			to = change(to, at)
		}
		return to
	}
	flip := func(data []byte, at int) []byte { data[at] ^= 0x10; return data }
	insert := func(data []byte, at int) []byte {
		return append(data[:at:at], append([]byte("inserted"), data[at:]...)...)
	}
	for name, c := range map[string]struct {
		to    []byte
		edits int
		each  int // bytes for each edit
	}{
		"nothing":           {from, 0, 0},
		"one byte":          {changed(n/2, flip), 1, 20},
		"200 bytes":         {changed(n/200, flip), 199, 7},
		"100 insertions":    {changed(n/100, insert), 99, 20},
		"a piece more":      {append(bytes.Clone(from), "at the end"...), 1, 20},
		"the second half":   {from[n/2:], 0, 0},
		"halves exchanged":  {append(bytes.Clone(from[n/2:]), from[:n/2]...), 1, 20},
		"the same twice":    {append(bytes.Clone(from), from...), 0, 0},
		"a run of new data": {append(bytes.Clone(from), bytes.Repeat([]byte("12345678"), 50_000)...), 1, 40},
	} {
		packed := Zstd(from, c.to)
		if packed == nil || !bytes.Equal(inflate(t, from, packed), c.to) {
			t.Errorf("%s: the patch makes something else", name)
		}
		limit := 20 + 20*(len(c.to)/maxBlock+blocks) + c.edits*c.each
		if len(packed) > limit {
			t.Errorf("%s: %d bytes, want at most %d", name, len(packed), limit)
		}
	}
}

func TestWhatIsNotAlikeIsLeft(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	if packed := Zstd(noise(r, 1<<20), noise(r, 1<<20)); packed != nil {
		t.Errorf("a patch of %d bytes", len(packed))
	}
}

func TestShortStrings(t *testing.T) {
	for _, from := range []string{"", "a", "abcdefgh", "abcdefghi", "a longer string, of some more bytes"} {
		for n := 1; n < 80; n++ {
			for _, to := range []string{"a longer string, of some more bytes, and then some which are not there, and x"[:min(n, 77)], string(make([]byte, n))} {
				if got := inflate(t, []byte(from), Zstd([]byte(from), []byte(to))); string(got) != to {
					t.Fatalf("from %q: %q became %q", from, to, got)
				}
			}
		}
	}
}

// TestReference inflates a patch with the reference implementation.
func TestReference(t *testing.T) {
	program, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("the zstd program is not installed")
	}
	directory := t.TempDir()
	dictionary, file := filepath.Join(directory, "from"), filepath.Join(directory, "patch.zst")
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 4))
		from := rows(r, 300_000)
		to := edit(r, from, 100)
		for name, data := range map[string][]byte{dictionary: from, file: Zstd(from, to)} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := exec.Command(program, "-q", "-d", "-c", "--patch-from", dictionary, file).Output()
		if err != nil || !bytes.Equal(got, to) {
			t.Fatalf("seed %d: zstd makes %d bytes of it, %v; want %d", seed, len(got), err, len(to))
		}
	}
}

func FuzzPatch(f *testing.F) {
	f.Add([]byte("what there was, what there was"), []byte("what there is, what there was, and what there is"))
	f.Add([]byte(""), []byte("x"))
	f.Fuzz(func(t *testing.T, from, to []byte) {
		if len(to) == 0 {
			return
		}
		if packed := Zstd(from, to); packed != nil && !bytes.Equal(inflate(t, from, packed), to) {
			t.Errorf("the patch from %q to %q makes something else", from, to)
		}
	})
}

// TestPlacesAreFoundAlike finds places by reading and in the index.
func TestPlacesAreFoundAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, from := range [][]byte{nil, []byte("short"), []byte("8 bytes!"), make([]byte, 5_000), rows(r, 20_000), noise(r, 20_000)} {
		built := newIndex(from)
		built.reads = maxReads
		for range 5 {
			read := newIndex(from)
			to := append(edit(r, append([]byte(nil), from...), 3), noise(r, 2*wordSize)...)
			for range maxReads {
				b := to[r.IntN(len(to)-wordSize+1):]
				expected := r.IntN(len(from) + 1)
				if got, want := read.near(b, expected, nearby), built.near(b, expected, nearby); !slices.Equal(got, want) {
					t.Fatalf("%d bytes: by reading %v, in the index %v", len(from), got, want)
				}
			}
			if read.ends != nil || built.ends == nil {
				t.Fatal("both were found in the same way")
			}
		}
	}
}
