package sink_test

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"testing"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/collector/sink"
)

// sample is what the bytes in TestBatchesThatAreInSpools hold.
var sample = sink.Batch{
	Received: 1_772_366_400_000, Source: "eu-1", Boot: "BOOT",
	Exposures: []sink.Exposure{{Seq: 1, Time: 1_772_366_399_000, Experiment: "hero", Variant: "b", Phase: 2, Unit: "user", UnitHash: [16]byte{1, 2}, Revision: 7, Override: true}},
	Outcomes:  []sink.Outcome{{ID: "o", Time: 1_772_366_398_000, Event: "purchase", Unit: "user", UnitHash: [16]byte{3}, Properties: `{"value":9.5}`}},
}

func build(b *sink.Builder, batch *sink.Batch) []byte {
	b.Reset(batch.Received, batch.Source, batch.Boot)
	for i := range batch.Exposures {
		b.AddExposure(&batch.Exposures[i])
	}
	for i := range batch.Outcomes {
		b.AddOutcome(&batch.Outcomes[i])
	}
	return b.Blob()
}

func same(a, b *sink.Batch) bool {
	return a.Received == b.Received && a.Source == b.Source && a.Boot == b.Boot &&
		fmt.Sprint(a.Exposures) == fmt.Sprint(b.Exposures) && fmt.Sprint(a.Outcomes) == fmt.Sprint(b.Outcomes)
}

// TestBatchesThatAreInSpools decodes bytes that earlier collectors wrote. The last are of the
// format of today.
func TestBatchesThatAreInSpools(t *testing.T) {
	formats := []string{
		"95cf0000019ca9450a00a465752d31a4424f4f54919901cf0000019ca9450618a46865726fa16202a475736572c4100102000000000000000000000000000007c39196a16fcf0000019ca9450230a87075726368617365a475736572c41003000000000000000000000000000000ad7b2276616c7565223a392e357d",
		"0280a8a8949567" + "0465752d31" + "04424f4f54" + // version, received, source, boot
			"04" + "046865726f" + "0162" + "0475736572" + "087075726368617365" + // names
			"01" + "02" + "cf0f" + "000102" + "02" + "07" + "01" + "01020000000000000000000000000000" + // exposures
			"01" + "016f" + "9f1f" + "0302" + "0d7b2276616c7565223a392e357d" + "03000000000000000000000000000000", // outcomes
	}
	var decoded sink.Batch
	for _, format := range formats {
		blob, err := hex.DecodeString(format)
		if err != nil {
			t.Fatal(err)
		}
		if err := decoded.Decode(blob); err != nil || !same(&decoded, &sample) {
			t.Errorf("%s reads as %+v, %v", format, &decoded, err)
		}
		for cut := range blob {
			if err := decoded.Decode(blob[:cut]); err == nil {
				t.Errorf("%d bytes of %d are read", cut, len(blob))
			}
		}
	}
	if got := fmt.Sprintf("%x", build(new(sink.Builder), &sample)); got != formats[1] {
		t.Errorf("the blob is %s, want %s", got, formats[1])
	}
	if err := decoded.Decode(append(build(new(sink.Builder), &sample), 0)); err == nil {
		t.Error("a blob with a byte more is read")
	}
}

// many returns a batch of different events, and with numbers and times in any order.
func many(n int) *sink.Batch {
	b := &sink.Batch{Received: 1_772_366_400_000, Source: "eu-1", Boot: "BOOT"}
	for i := range n {
		b.Exposures = append(b.Exposures, sink.Exposure{
			Seq: uint64(i*i*7919%1000) << 54, Time: b.Received - event.Millis(i%3*1000), Experiment: fmt.Sprint("e", i%10), Variant: "v", Phase: int32(i + 1),
			Unit: "user", UnitHash: event.HashUnit([]byte("k"), "user", fmt.Sprint(i)), Revision: uint64(i) << 40, Override: i%2 == 0,
		})
		b.Outcomes = append(b.Outcomes, sink.Outcome{
			ID: fmt.Sprint("o", i), Time: b.Received + event.Millis(i%5), Event: fmt.Sprint("m", i%4), Unit: "device", Properties: `{}`,
			UnitHash: event.HashUnit([]byte("k"), "device", fmt.Sprint(i)),
		})
	}
	return b
}

// A Builder and a Batch are used again and again; no batch has anything of the one before.
func TestBuilderAndBatchAreReused(t *testing.T) {
	var b sink.Builder
	var decoded sink.Batch
	for _, batch := range []*sink.Batch{many(100), &sample, {Received: 1}, many(7)} {
		if err := decoded.Decode(build(&b, batch)); err != nil || !same(&decoded, batch) {
			t.Errorf("%+v reads as %+v, %v", batch, &decoded, err)
		}
		if want := (sink.Count{Exposures: len(batch.Exposures), Outcomes: len(batch.Outcomes)}); b.Count() != want {
			t.Errorf("the builder has %+v, want %+v", b.Count(), want)
		}
	}
}

func TestBuilderAllocatesNothing(t *testing.T) {
	var b sink.Builder
	batch := many(100)
	build(&b, batch)
	if n := testing.AllocsPerRun(10, func() { build(&b, batch) }); n != 0 {
		t.Errorf("a batch takes %v allocations", n)
	}
}

func TestRows(t *testing.T) {
	exposures := sample.AppendExposures(nil)
	want := event.StoredExposure{
		Source: "eu-1", Boot: "BOOT", Seq: 1, Time: 1_772_366_399_000, Received: 1_772_366_400_000, Experiment: "hero", Variant: "b",
		Phase: 2, Unit: "user", UnitHash: "01020000000000000000000000000000", Revision: 7, Override: true,
	}
	if !reflect.DeepEqual(exposures, []event.StoredExposure{want}) {
		t.Errorf("exposures %+v", exposures)
	}
	outcomes := sample.AppendOutcomes(nil)
	if len(outcomes) != 1 || outcomes[0].UnitHash != "03000000000000000000000000000000" || outcomes[0].Properties != `{"value":9.5}` {
		t.Errorf("outcomes %+v", outcomes)
	}
}

func BenchmarkBlob(b *testing.B) {
	batch := many(1000)
	batch.Outcomes = nil
	var builder sink.Builder
	var decoded sink.Batch
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			build(&builder, batch)
		}
	})
	blob := build(&builder, batch)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			decoded.Decode(blob)
		}
	})
	var rows []event.StoredExposure
	b.Run("rows", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			rows = batch.AppendExposures(rows[:0])
		}
	})
}
