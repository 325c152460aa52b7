package collector

import (
	"testing"
	"time"

	"github.com/sortition-dev/sortition/edge/collector/sink"
)

// FuzzBodies decodes any bytes as any body. What is accepted is a batch that the spool can give
// back.
func FuzzBodies(f *testing.F) {
	how := []decode{(*decoder).decodeTrack, (*decoder).decodeTrackBatch, (*decoder).decodeExposures, (*decoder).decodeExposures}
	for _, form := range bodies(f, 2, 2) {
		for i := range how {
			f.Add(form.bytes, uint8(i), uint8(form.coding))
		}
	}
	f.Add([]byte(`{"user_id":"u","event_name":"e","timestamp":1e3,"properties":{"a":[{ "b":-1.5e9},"\"\\",null]}}`), uint8(0), uint8(plain))
	d := newDecoder([]byte("a test's hash key of 32 bytes ok"), func() string { return "id" })
	var batch sink.Batch
	f.Fuzz(func(t *testing.T, text []byte, i, c uint8) {
		b := body{bytes: text, coding: coding(c % 3)}
		if i %= 4; i == 3 {
			b.format = msgpackFormat
		}
		blob, err := d.run(&b, how[i], time.Now())
		if err != nil {
			return
		}
		if err := batch.Decode(blob); err != nil {
			t.Fatal(err)
		}
		if got := (sink.Count{Exposures: len(batch.Exposures), Outcomes: len(batch.Outcomes)}); got != d.batch.Count() || got == (sink.Count{}) {
			t.Errorf("%+v events of %+v", got, d.batch.Count())
		}
	})
}
