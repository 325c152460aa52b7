package host

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/request"
)

const (
	differentialPrograms = 400
	requestsPerProgram   = 300 // 120,000 pairs of program and request
)

// TestWASMAgreesWithNative decides everything for random requests on random programs,
// in WebAssembly and natively, and for some of them also one by one.
func TestWASMAgreesWithNative(t *testing.T) {
	ctx := context.Background()
	programs := differentialPrograms
	if testing.Short() {
		programs /= 10
	}
	c := testCore(t)
	pairs := 0
	for seed := range uint64(programs) {
		rng := rand.New(rand.NewPCG(seed, 2))
		p := progtest.Program(rng)
		payload, err := compile.Payload(p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		native, err := newNativeCore().instantiate(ctx, payload)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		in, err := c.instantiate(ctx, payload)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		built, names := request.New(), progtest.Names(p)
		for i := range requestsPerProgram {
			encoded, err := progtest.Fill(built, progtest.Request(rng, p)).Encode(names)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			encoded = slices.Clone(encoded) // deciding reuses the memory
			want := decideAll(t, native, built, names)
			if got := decideAll(t, in, built, names); !bytes.Equal(got, want) {
				t.Fatalf("seed %d, request %x: WASM gives %x, native %x", seed, encoded, got, want)
			}
			if err := native.takeEncoded(encoded); err != nil {
				t.Fatal(err)
			}
			if got, err := native.all(ctx); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("seed %d, request %x: encoded it gives %x (%v), not encoded %x", seed, encoded, got, err, want)
			}
			pairs++
			if i%10 == 0 {
				agreeOnEach(t, in, native, p, built, names)
			}
		}
		if err := in.close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d pairs of program and request agree", pairs)
}

// decideAll decides everything. The records are valid until the next call.
func decideAll(t *testing.T, in instance, r *request.Request, names *request.Names) []byte {
	t.Helper()
	if err := in.take(r, names); err != nil {
		t.Fatal(err)
	}
	records, err := in.all(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func agreeOnEach(t *testing.T, in, native instance, p *model.Program, r *request.Request, names *request.Names) {
	t.Helper()
	for _, in := range []instance{in, native} {
		if err := in.take(r, names); err != nil {
			t.Fatal(err)
		}
	}
	for e := range p.Experiments {
		want, failed := native.one(context.Background(), uint32(e))
		got, err := in.one(context.Background(), uint32(e))
		if err != nil || failed != nil || got != want {
			t.Fatalf("experiment %d: WASM gives %x (%v), native %x (%v)", e, got, err, want, failed)
		}
	}
}

// TestMemoryStaysFlat decides so often that the memory would grow if a decision allocated.
func TestMemoryStaysFlat(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(5, 5))
	p := progtest.Program(rng)
	payload, err := compile.Payload(p)
	if err != nil {
		t.Fatal(err)
	}
	in, err := testCore(t).instantiate(ctx, payload)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := progtest.Fill(request.New(), progtest.Request(rng, p)).Encode(progtest.Names(p))
	if err != nil {
		t.Fatal(err)
	}
	if err := in.takeEncoded(encoded); err != nil {
		t.Fatal(err)
	}
	memory := in.(*guest).module.Memory()
	before := memory.Size()
	for range 1_000_000 {
		if _, err := in.all(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if after := memory.Size(); after != before {
		t.Errorf("memory grew from %d to %d bytes", before, after)
	}
}

func TestBadCoresAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		binary []byte
		want   string
	}{
		"not WASM":         {[]byte("not wasm"), "compile"},
		"empty module":     {[]byte("\x00asm\x01\x00\x00\x00"), "does not export its memory"},
		"cut off":          {wasm.Core[:len(wasm.Core)/2], "compile"},
		"an export is off": {bytes.Replace(wasm.Core, []byte("assign_all"), []byte("assign_alL"), 1), "does not export assign_all"},
		"imports": {[]byte("\x00asm\x01\x00\x00\x00" + "\x01\x04\x01\x60\x00\x00" + "\x02\x07\x01\x01a\x01b\x00\x00"),
			"1 imports"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newWazeroCore(context.Background(), test.binary)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func testCore(t testing.TB) *wazeroCore {
	t.Helper()
	c, err := newWazeroCore(context.Background(), wasm.Core)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close(context.Background()) })
	return c
}
