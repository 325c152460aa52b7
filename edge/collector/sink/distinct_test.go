package sink_test

import (
	"fmt"
	"testing"

	"github.com/sortition-dev/sortition/edge/collector/sink"
)

func TestDistinct(t *testing.T) {
	batch := func(source, boot string, seqs []uint64, ids ...string) *sink.Batch {
		b := &sink.Batch{Source: source, Boot: boot}
		for _, seq := range seqs {
			b.Exposures = append(b.Exposures, sink.Exposure{Seq: seq})
		}
		for _, id := range ids {
			b.Outcomes = append(b.Outcomes, sink.Outcome{ID: id})
		}
		return b
	}
	d := sink.NewDistinct()
	for range 2 { // Reset forgets the first round
		d.Reset()
		left := ""
		for _, b := range []*sink.Batch{
			batch("s", "b", []uint64{1, 2, 1, 64, 128, 2}, "x", "y"),
			batch("s", "c", []uint64{1}),
			batch("s", "b", []uint64{2, 3, 1 << 63, 65, 64}, "y", "z", "x"),
		} {
			d.Keep(b)
			for _, x := range b.Exposures {
				left += fmt.Sprint(b.Boot, x.Seq, " ")
			}
			for _, o := range b.Outcomes {
				left += o.ID + " "
			}
		}
		if want := "b1 b2 b64 b128 x y c1 b3 b9223372036854775808 b65 z "; left != want {
			t.Errorf("left are %q, want %q", left, want)
		}
		if got, want := d.Tally(), (sink.Tally{Exposures: 8, Outcomes: 3, DuplicateExposures: 4, DuplicateOutcomes: 2}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
