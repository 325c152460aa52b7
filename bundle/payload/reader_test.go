package payload_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
)

func randomPayload(t *testing.T, seed uint64) (*model.Program, []byte) {
	t.Helper()
	p := progtest.Program(rand.New(rand.NewPCG(seed, 3)))
	raw, err := compile.Payload(p)
	if err != nil {
		t.Fatal(err)
	}
	return p, raw
}

// TestReaderReadsWhatWasWritten compiles random programs and reads them back.
func TestReaderReadsWhatWasWritten(t *testing.T) {
	for seed := range uint64(50) {
		want, raw := randomPayload(t, seed)
		reader, err := payload.NewReader(raw)
		if err != nil {
			t.Fatal(err)
		}
		got, err := reader.Program()
		if err != nil {
			t.Fatal(err)
		}
		// Only the core can use the rest.
		want.Attributes, want.Segments, want.OptOut, want.Exclusions = nil, nil, nil, nil
		for i := range want.Experiments {
			e := &want.Experiments[i]
			e.Overrides = nil
			for j := range e.Rules {
				e.Rules[j].Audience = nil
			}
		}
		// Printed, an empty slice is like none.
		if got, want := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); got != want {
			t.Fatalf("seed %d:\ngot  %s\nwant %s", seed, got, want)
		}
		d, err := reader.Catalog()
		if err != nil {
			t.Fatal(err)
		}
		if d.Len() != len(want.Experiments) {
			t.Fatalf("seed %d: %d entries, want %d", seed, d.Len(), len(want.Experiments))
		}
		for i, w := range want.Experiments {
			if d.Key(i) != w.Key || d.Kind(i) != w.Kind || d.Phase(i) != w.Phase || d.Unit(i) != want.Units[w.Unit] || d.Variants(i) != len(w.Variants) {
				t.Fatalf("seed %d: entry %d is %q, want %+v", seed, i, d.Key(i), w)
			}
			for j, v := range w.Variants {
				if d.Variant(i, j) != v {
					t.Fatalf("seed %d: variant %+v, want %+v", seed, d.Variant(i, j), v)
				}
			}
			if found, ok := d.Find(w.Key); !ok || found != i {
				t.Fatalf("seed %d: %q is found at %d, %v", seed, w.Key, found, ok)
			}
		}
		if found, ok := d.Find("no such key"); ok {
			t.Fatalf("seed %d: what does not exist is found at %d", seed, found)
		}
		if vectors, err := reader.Vectors(); err != nil || len(vectors) == 0 {
			t.Fatalf("seed %d: %d vectors, %v", seed, len(vectors), err)
		}
	}
}

// TestKeysOutOfOrder swaps, and repeats, keys of a payload.
func TestKeysOutOfOrder(t *testing.T) {
	for name, change := range map[string]func(first, second *model.Experiment){
		"swapped":  func(first, second *model.Experiment) { first.Key, second.Key = second.Key, first.Key },
		"repeated": func(first, second *model.Experiment) { second.Key = first.Key },
	} {
		p, _ := randomPayload(t, 1)
		change(&p.Experiments[0], &p.Experiments[1])
		raw, err := compile.Payload(p)
		if err != nil {
			t.Fatal(err)
		}
		reader, err := payload.NewReader(raw)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reader.Catalog(); !errors.Is(err, payload.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSamePayloadForSameProgram compiles programs twice.
func TestSamePayloadForSameProgram(t *testing.T) {
	for seed := range uint64(20) {
		_, first := randomPayload(t, seed)
		if _, second := randomPayload(t, seed); !bytes.Equal(first, second) {
			t.Fatalf("seed %d: two payloads of one program differ", seed)
		}
	}
}

// TestMangledPayloads changes every byte of a payload, and cuts it off everywhere. What
// is read is refused or read, and every mistake is ErrFormat or ErrSchema.
func TestMangledPayloads(t *testing.T) {
	_, raw := randomPayload(t, 1)
	refused := 0
	try := func(mangled []byte) {
		if err := readAll(mangled); err != nil {
			refused++
			if !errors.Is(err, payload.ErrFormat) && !errors.Is(err, payload.ErrSchema) {
				t.Fatalf("%v is no error of the format", err)
			}
		}
	}
	for i := range raw {
		for _, change := range []byte{0x01, 0x80, 0xff} {
			mangled := bytes.Clone(raw)
			mangled[i] ^= change
			try(mangled)
		}
	}
	if refused == 0 {
		t.Error("every change was accepted: the test does not test")
	}
	for n := range raw {
		if readAll(raw[:n]) == nil {
			t.Fatalf("a payload cut off after %d of %d bytes is accepted", n, len(raw))
		}
	}
	for _, lie := range []string{"\xdf\xff\xff\xff\xff", "\x81\xa1x\xc6\xff\xff\xff\xff", "\x81\xdb\xff\xff\xff\xff", "\x81\xa1x\x91\x91\x91", ""} {
		if err := readAll([]byte(lie)); !errors.Is(err, payload.ErrFormat) {
			t.Errorf("%q: %v", lie, err)
		}
	}
}

func readAll(raw []byte) error {
	c, err := payload.NewReader(raw)
	if err != nil {
		return err
	}
	if _, err := c.Program(); err != nil {
		return err
	}
	_, err = c.Vectors()
	return err
}
