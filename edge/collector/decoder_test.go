package collector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
)

// bodies returns the largest batches in each form.
func bodies(t testing.TB, exposures, outcomes int) map[string]struct {
	body
	decode
	events int
} {
	now := model.MillisOf(time.Now())
	sent := event.ExposureBatch{Source: "edge-7f3a9c.eu-central-1", Boot: "QJ2X5VZKCMW3T6YHD4R7BNEPLA"}
	for i := range exposures {
		sent.Exposures = append(sent.Exposures, event.Exposure{
			Seq: uint64(i + 1), Time: now, Experiment: fmt.Sprint("checkout_banner_", i%40), Variant: "treatment", Phase: 1,
			Unit: "user", UnitID: fmt.Sprintf("a3c5f9b2-5a55-4e3b-8d2b-%012x", i), Revision: 1234,
		})
	}
	var tracked event.OutcomeBatch
	for i := range outcomes {
		tracked.Events = append(tracked.Events, event.Outcome{
			EventID: fmt.Sprintf("0b1c7a52-77f0-4f0e-9d0e-%012x", i), UserID: fmt.Sprintf("a3c5f9b2-5a55-4e3b-8d2b-%012x", i),
			EventName: "purchase", Timestamp: event.Timestamp(now), Properties: []byte(`{"currency":"EUR","items":3,"returning":true,"value":12.50}`),
		})
	}
	marshal := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	var packed bytes.Buffer
	enc := msgpack.NewEncoder(&packed)
	enc.SetCustomStructTag("json")
	enc.UseCompactInts(true)
	if err := enc.Encode(sent); err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	type form = struct {
		body
		decode
		events int
	}
	return map[string]form{
		"exposures, msgpack":          {body{bytes: packed.Bytes(), format: msgpackFormat}, (*decoder).decodeExposures, exposures},
		"exposures, msgpack and zstd": {body{bytes: z.EncodeAll(packed.Bytes(), nil), format: msgpackFormat, coding: zstdCoding}, (*decoder).decodeExposures, exposures},
		"exposures, JSON":             {body{bytes: marshal(sent)}, (*decoder).decodeExposures, exposures},
		"outcomes, JSON":              {body{bytes: marshal(tracked)}, (*decoder).decodeTrackBatch, outcomes},
	}
}

// From the body to the blob, a request allocates a few times, and an event never.
func TestEventsAllocateNothing(t *testing.T) {
	now := time.Now()
	few, many := bodies(t, event.MaxExposures/10, event.MaxOutcomes/10), bodies(t, event.MaxExposures, event.MaxOutcomes)
	for name := range many {
		d := newDecoder([]byte("a test's hash key of 32 bytes ok"), nil)
		count := func(f *body, how decode) float64 {
			run := func() {
				if _, err := d.run(f, how, now); err != nil {
					t.Fatal(err)
				}
			}
			run()
			return testing.AllocsPerRun(20, run)
		}
		large, small := many[name], few[name]
		if of, less := count(&large.body, large.decode), count(&small.body, small.decode); of > less || of > 5 {
			t.Errorf("%s: %v allocations for %d events, %v for %d", name, of, large.events, less, small.events)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, form := range bodies(b, event.MaxExposures, event.MaxOutcomes) {
		b.Run(name, func(b *testing.B) {
			d, now := newDecoder([]byte("a test's hash key of 32 bytes ok"), nil), time.Now()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.run(&form.body, form.decode, now); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(form.events), "ns/event")
		})
	}
}

// The events of a request whose decoding panics are not stored with the next request.
func TestPanicsLeaveNoEvents(t *testing.T) {
	d, now := newDecoder([]byte("a test's hash key of 32 bytes ok"), nil), time.Now()
	form := bodies(t, 1, 1)["exposures, JSON"]
	func() {
		defer func() { _ = recover() }()
		_, _ = d.run(&form.body, func(d *decoder, text []byte, _ format) error {
			if n, err := readJSONExposures(d, text); n != 1 || err != nil {
				t.Error(n, err)
			}
			panic("while decoding")
		}, now)
	}()
	if _, err := d.run(&form.body, form.decode, now); err != nil || d.batch.Count().Exposures != 1 {
		t.Errorf("%d exposures, %v", d.batch.Count().Exposures, err)
	}
}
