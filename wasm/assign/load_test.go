package assign_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// sample is a program with everything in it, and requests for it.
func sample(t testing.TB) (payload []byte, requests [][]byte) {
	t.Helper()
	for seed := uint64(0); ; seed++ {
		rng := rand.New(rand.NewPCG(seed, 7))
		p := progtest.Program(rng)
		if !rich(p) {
			continue
		}
		payload, err := compile.Payload(p)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			encoded, err := progtest.Fill(request.New(), progtest.Request(rng, p)).Encode(progtest.Names(p))
			if err != nil {
				t.Fatal(err)
			}
			requests = append(requests, encoded)
		}
		return payload, requests
	}
}

// rich tells whether the program uses every table, and is small enough to be mangled
// byte by byte.
func rich(p *model.Program) bool {
	overrides, layered, ruled, required, ramped := false, false, false, false, false
	for _, e := range p.Experiments {
		overrides = overrides || len(e.Overrides) > 0
		layered = layered || e.Layer != model.None && len(e.Holdouts) > 0
		ruled = ruled || len(e.Rules) > 1
		required = required || len(e.Prerequisites) > 0
		for _, r := range e.Rules {
			ramped = ramped || len(r.Ramp) > 0
		}
	}
	return overrides && layered && ruled && required && ramped && len(p.OptOut) > 0 && len(p.Experiments) < 15 && len(p.Exclusions) == 2 && len(p.Segments) > 0
}

// TestMangledPayloads changes every byte of a payload. The core may refuse the outcome
// or take it for another program, but it must not fail on it.
func TestMangledPayloads(t *testing.T) {
	payload, requests := sample(t)
	refused, accepted := 0, 0
	for i := range payload {
		for _, change := range []byte{0x01, 0x80, 0xff} {
			mangled := bytes.Clone(payload)
			mangled[i] ^= change
			engine, status := assign.Load(mangled)
			if status != assign.OK {
				refused++
				continue
			}
			accepted++
			for _, r := range requests[:3] {
				if _, status := engine.AssignAll(r); status != assign.OK {
					t.Fatalf("byte %d changed by %#x: %v", i, change, status)
				}
			}
		}
	}
	if refused == 0 || accepted == 0 {
		t.Errorf("%d refused, %d accepted: the test does not test", refused, accepted)
	}
	for n := range payload {
		if _, status := assign.Load(payload[:n]); status == assign.OK {
			t.Fatalf("a payload cut off after %d of %d bytes is accepted", n, len(payload))
		}
	}
}

// TestMangledRequests changes every byte of a request.
func TestMangledRequests(t *testing.T) {
	payload, requests := sample(t)
	engine, status := assign.Load(payload)
	if status != assign.OK {
		t.Fatal(status)
	}
	for _, r := range requests {
		for i := range r {
			mangled := bytes.Clone(r)
			for _, change := range []byte{0x01, 0x20, 0x80, 0xff} {
				mangled[i] = r[i] ^ change
				if _, status := engine.AssignAll(mangled); status != assign.OK && status != assign.BadRequest {
					t.Fatalf("byte %d changed by %#x: %v", i, change, status)
				}
			}
		}
		for n := range r {
			if _, status := engine.AssignAll(r[:n]); status != assign.BadRequest {
				t.Fatalf("a request cut off after %d of %d bytes: %v", n, len(r), status)
			}
		}
	}
	if _, status := engine.AssignAll(make([]byte, assign.MaxRequest+1)); status != assign.RequestTooLarge {
		t.Errorf("an overlong request: %v", status)
	}
	if _, status := engine.AssignOne(requests[0], 1<<31); status != assign.UnknownIndex {
		t.Errorf("an index out of range: %v", status)
	}
}

// TestLoadRefuses changes one thing of a valid payload at a time.
func TestLoadRefuses(t *testing.T) {
	payload, _ := sample(t)
	u16 := func(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
	u32 := func(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
	at := func(column string, i int, element []byte) func(map[string]any) {
		return func(m map[string]any) { copy(m[column].([]byte)[i*len(element):], element) }
	}
	for name, test := range map[string]struct {
		change func(map[string]any)
		want   assign.Status
	}{
		"newer schema":                {func(m map[string]any) { m["schema"] = 2 }, assign.BadSchema},
		"no schema":                   {func(m map[string]any) { delete(m, "schema") }, assign.BadSchema},
		"schema not a number":         {func(m map[string]any) { m["schema"] = "1" }, assign.BadSchema},
		"column missing":              {func(m map[string]any) { delete(m, "row.bits") }, assign.BadColumn},
		"column not bytes":            {func(m map[string]any) { m["row.bits"] = "text" }, assign.BadColumn},
		"column of half an element":   {func(m map[string]any) { m["rule.traffic"] = []byte{1} }, assign.BadColumn},
		"table of another length":     {func(m map[string]any) { m["experiment.kind"] = []byte{0} }, assign.BadReference},
		"text out of range":           {at("experiment.salt", 0, u32(1<<31)), assign.BadReference},
		"text ends descend":           {at("text.end", 1, u32(0)), assign.BadReference},
		"attribute type unknown":      {at("attribute.type", 0, []byte{9}), assign.BadReference},
		"layer out of range":          {at("experiment.layer", 0, u16(999)), assign.BadReference},
		"holdout out of range":        {at("experiment.holdout", 0, u16(999)), assign.BadReference},
		"unit out of range":           {at("experiment.unit", 0, []byte{99}), assign.BadReference},
		"traffic over all slots":      {at("rule.traffic", 0, u16(10_001)), assign.BadReference},
		"range over all slots":        {at("range.to", 0, u16(10_001)), assign.BadReference},
		"shares that do not cover":    {at("share.to", 0, u16(0)), assign.BadReference},
		"share of another variant":    {at("share.variant", 0, u16(500)), assign.BadReference},
		"override out of range":       {at("override.experiment", 0, u32(1<<20)), assign.BadReference},
		"override of another variant": {at("override.variant", 0, u16(500)), assign.BadReference},
		"exclusion is no exclusion":   {at("exclusion.rule", 0, u32(0)), assign.BadReference},
		"clause of two rules":         {func(m map[string]any) { c := m["rule.clause"].([]byte); copy(c, c[4:8]) }, assign.BadReference},
		"clause out of range":         {at("rule.clause", 0, u32(1<<30)), assign.BadReference},
		"row out of range":            {at("cell.row", 0, u32(1<<30)), assign.BadReference},
		"word out of range":           {at("block.word", 0, u32(1<<30)), assign.BadReference},
		"axis out of range":           {at("block.axis", 0, u16(60_000)), assign.BadReference},
		"axis of another type":        {at("axis.kind", 0, []byte{4}), assign.BadReference},
		"axis of unknown kind":        {at("axis.kind", 0, []byte{99}), assign.BadReference},
		"step over all slots":         {at("step.traffic", 0, u16(10_001)), assign.BadReference},
		"opt-out of no segment":       {at("opt_out.segment", 0, u32(99)), assign.BadReference},
		"prerequisite out of range":   {at("prerequisite.experiment", 0, u32(1<<20)), assign.BadReference},
		"test of unknown kind":        {at("test.op", 0, []byte{99}), assign.BadReference},
	} {
		t.Run(name, func(t *testing.T) {
			var m map[string]any
			if err := msgpack.Unmarshal(payload, &m); err != nil {
				t.Fatal(err)
			}
			test.change(m)
			changed, err := msgpack.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if _, status := assign.Load(changed); status != test.want {
				t.Errorf("%v, want %v", status, test.want)
			}
		})
	}
	t.Run("prerequisites in a circle", func(t *testing.T) {
		var m map[string]any
		if err := msgpack.Unmarshal(payload, &m); err != nil {
			t.Fatal(err)
		}
		// Whoever requires something requires itself.
		from := uint32(0)
		ends, required := m["experiment.prerequisites.end"].([]byte), m["prerequisite.experiment"].([]byte)
		for i := range len(ends) / 4 {
			to := binary.LittleEndian.Uint32(ends[4*i:])
			for ; from < to; from++ {
				binary.LittleEndian.PutUint32(required[4*from:], uint32(i))
			}
		}
		circle, err := msgpack.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, status := assign.Load(circle); status != assign.BadReference {
			t.Errorf("%v, want %v", status, assign.BadReference)
		}
	})
	t.Run("column twice", func(t *testing.T) {
		twice := bytes.Clone(payload)
		size := binary.BigEndian.Uint16(twice[1:])
		binary.BigEndian.PutUint16(twice[1:], size+1)
		twice = append(twice, "\xaarange.from\xc4\x00"...)
		if _, status := assign.Load(twice); status != assign.BadColumn {
			t.Errorf("%v, want %v", status, assign.BadColumn)
		}
	})
	t.Run("more bytes", func(t *testing.T) {
		if _, status := assign.Load(append(bytes.Clone(payload), 0xc0)); status != assign.BadMsgpack {
			t.Errorf("%v, want %v", status, assign.BadMsgpack)
		}
	})
	t.Run("lengths that lie", func(t *testing.T) {
		for _, lie := range []string{"\xdf\xff\xff\xff\xff", "\xdd\xff\xff\xff\xff", "\x81\xa1x\xc6\xff\xff\xff\xff",
			"\x81\xa1x\xdf\xff\xff\xff\xff", "\x81\xdb\xff\xff\xff\xff", ""} {
			if _, status := assign.Load([]byte(lie)); status != assign.BadMsgpack {
				t.Errorf("%q: %v, want %v", lie, status, assign.BadMsgpack)
			}
		}
	})
	t.Run("deep nesting", func(t *testing.T) {
		deep := append([]byte("\x81\xa1x"), bytes.Repeat([]byte{0x91}, 1<<20)...)
		if _, status := assign.Load(deep); status != assign.BadMsgpack {
			t.Errorf("%v, want %v", status, assign.BadMsgpack)
		}
	})
}

func TestDecidingDoesNotAllocate(t *testing.T) {
	payload, requests := sample(t)
	engine, status := assign.Load(payload)
	if status != assign.OK {
		t.Fatal(status)
	}
	n := testing.AllocsPerRun(100, func() {
		for _, r := range requests {
			if _, status := engine.AssignAll(r); status != assign.OK {
				t.Fatal(status)
			}
			if _, status := engine.AssignOne(r, 0); status != assign.OK {
				t.Fatal(status)
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// FuzzLoad looks for payloads and requests on which the core fails.
func FuzzLoad(f *testing.F) {
	payload, requests := sample(f)
	for _, r := range requests[:3] {
		f.Add(payload, r)
	}
	f.Fuzz(func(t *testing.T, payload, request []byte) {
		engine, status := assign.Load(payload)
		if status != assign.OK {
			return
		}
		engine.AssignAll(request)
		engine.AssignOne(request, 0)
	})
}
