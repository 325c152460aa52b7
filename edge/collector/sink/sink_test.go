package sink_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/edge/collector/sink"
)

func TestDistinct(t *testing.T) {
	now := time.UnixMilli(1_772_366_400_000)
	batch := func(source, boot string, seqs []uint64, ids ...string) *sink.Batch {
		b := sink.NewBatch(now)
		b.Source, b.Boot = source, boot
		for _, seq := range seqs {
			b.Exposures = append(b.Exposures, sink.Exposure{Seq: seq})
		}
		for _, id := range ids {
			b.Outcomes = append(b.Outcomes, sink.Outcome{ID: id})
		}
		return b
	}
	batches := []*sink.Batch{
		batch("s", "b", []uint64{1, 2, 1}, "x", "y"),
		batch("s", "c", []uint64{1}),
		batch("s", "b", []uint64{2, 3}, "y", "z", "x"),
	}
	if got, want := sink.Distinct(batches), (sink.Tally{Exposures: 4, Outcomes: 3, DuplicateExposures: 2, DuplicateOutcomes: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	left := ""
	for _, b := range batches {
		for _, x := range b.Exposures {
			left += fmt.Sprint(b.Boot, x.Seq, " ")
		}
		for _, o := range b.Outcomes {
			left += o.ID + " "
		}
	}
	if want := "b1 b2 x y c1 b3 z "; left != want {
		t.Errorf("left are %q, want %q", left, want)
	}
}

// TestBatchesThatAreInSpools decodes bytes that an earlier collector wrote.
func TestBatchesThatAreInSpools(t *testing.T) {
	b := sink.NewBatch(time.UnixMilli(1_772_366_400_000))
	b.Source, b.Boot = "eu-1", "BOOT"
	b.Exposures = []sink.Exposure{{Seq: 1, Time: 1_772_366_399_000, Experiment: "hero", Variant: "b", Phase: 2, Unit: "user", UnitHash: [16]byte{1, 2}, Revision: 7, Override: true}}
	b.Outcomes = []sink.Outcome{{ID: "o", Time: 1_772_366_398_000, Event: "purchase", Unit: "user", UnitHash: [16]byte{3}, Properties: `{"value":9.5}`}}
	const want = "95cf0000019ca9450a00a465752d31a4424f4f54919901cf0000019ca9450618a46865726fa16202a475736572c4100102000000000000000000000000000007c39196a16fcf0000019ca9450230a87075726368617365a475736572c41003000000000000000000000000000000ad7b2276616c7565223a392e357d"
	if got := fmt.Sprintf("%x", b.Encode()); got != want {
		t.Errorf("the blob is %s, want %s", got, want)
	}
	decoded, err := sink.DecodeBatch(b.Encode())
	if err != nil || fmt.Sprint(decoded) != fmt.Sprint(b) {
		t.Errorf("it reads as %+v, %v", decoded, err)
	}
	if _, err := sink.DecodeBatch([]byte("x")); err == nil {
		t.Error("a blob that is no batch is read")
	}
}
