package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
)

// load is the events of a run as request bodies. All bodies have the same number of events.
type load struct {
	path, contentType, encoding string
	bodies                      [][]byte
	events                      int // in one body
}

func (l *load) bytes() (n int) {
	for _, body := range l.bodies {
		n += len(body)
	}
	return n
}

// exposures returns batches of a host. Ids look like UUIDs, and 40 experiments are exposed.
func exposures(n int) []event.ExposureBatch {
	rng := rand.New(rand.NewPCG(1, 1))
	now := model.MillisOf(time.Now())
	var batches []event.ExposureBatch
	for seq := 0; seq < n; seq += event.MaxExposures {
		b := event.ExposureBatch{Source: "edge-7f3a9c.eu-central-1", Boot: "QJ2X5VZKCMW3T6YHD4R7BNEPLA"}
		for i := range event.MaxExposures {
			b.Exposures = append(b.Exposures, event.Exposure{
				Seq: uint64(seq + i + 1), Time: now + model.Millis(seq+i), Experiment: fmt.Sprintf("checkout_banner_%d", rng.IntN(40)),
				Variant: []string{"control", "treatment"}[rng.IntN(2)], Phase: 1, Unit: "user", UnitID: uuid(rng), Revision: 1234,
			})
		}
		batches = append(batches, b)
	}
	return batches
}

func uuid(rng *rand.Rand) string {
	a, b := rng.Uint64(), rng.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&0xffffffffffff)
}

func jsonExposures(batches []event.ExposureBatch) (*load, error) {
	l := &load{path: "/api/v1/exposures", contentType: "application/json", events: event.MaxExposures}
	for _, b := range batches {
		body, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		l.bodies = append(l.bodies, body)
	}
	return l, nil
}

func packedExposures(batches []event.ExposureBatch) (*load, error) {
	l := &load{path: "/api/v1/exposures", contentType: "application/msgpack", encoding: "zstd", events: event.MaxExposures}
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, err
	}
	defer packer.Close()
	for _, b := range batches {
		var body bytes.Buffer
		enc := msgpack.NewEncoder(&body)
		enc.SetCustomStructTag("json")
		enc.UseCompactInts(true)
		if err := enc.Encode(b); err != nil {
			return nil, err
		}
		l.bodies = append(l.bodies, packer.EncodeAll(body.Bytes(), nil))
	}
	return l, nil
}

func outcomes(n int) (*load, error) {
	rng := rand.New(rand.NewPCG(2, 2))
	now := time.Now()
	l := &load{path: "/api/v1/track/batch", contentType: "application/json", events: event.MaxOutcomes}
	for done := 0; done < n; done += event.MaxOutcomes {
		var b event.OutcomeBatch
		for i := range event.MaxOutcomes {
			b.Events = append(b.Events, event.Outcome{
				EventID: uuid(rng), UserID: uuid(rng), EventName: []string{"purchase", "view", "add_to_cart"}[rng.IntN(3)],
				Timestamp:  event.Timestamp(model.MillisOf(now) + model.Millis(done+i)),
				Properties: fmt.Appendf(nil, `{"value":%d.%02d,"currency":"EUR","items":%d,"category":"shoes","returning":%t}`, rng.IntN(400), rng.IntN(100), rng.IntN(9), i%2 == 0),
			})
		}
		body, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		l.bodies = append(l.bodies, body)
	}
	return l, nil
}
