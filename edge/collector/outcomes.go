package collector

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/collector/sink"
)

// decodeTrack reads the body of POST /api/v1/track.
func (d *decoder) decodeTrack(text []byte, _ format) error {
	d.json.Reset(text)
	d.batch.Reset(model.MillisOf(d.now), "", "")
	if err := d.outcome(); err != nil {
		return err
	}
	return d.json.End()
}

// decodeTrackBatch reads the body of POST /api/v1/track/batch.
func (d *decoder) decodeTrackBatch(text []byte, _ format) error {
	r, n := d.json, 0
	r.Reset(text)
	d.batch.Reset(model.MillisOf(d.now), "", "")
	err := r.Object("", func(name string) error {
		if name != "events" {
			return r.Skip()
		}
		return r.Array(name, func(i int) error {
			if n = i + 1; n > event.MaxOutcomes {
				return r.Skip()
			}
			return d.outcome()
		})
	})
	if err == nil {
		err = r.End()
	}
	if err == nil {
		err = event.CheckCount("events", n, event.MaxOutcomes)
	}
	return err
}

// outcomeFields are the fields of an event.Outcome.
const outcomeFields = "user_id, event_name, properties, timestamp, event_id and unit"

// outcome reads one outcome and adds it to the batch. It refuses unknown fields: people write these
// requests, and would not notice that they misspelt an optional field.
func (d *decoder) outcome() error {
	var in event.Outcome
	properties := "{}"
	r := d.json
	err := r.Object("", func(name string) (err error) {
		switch name {
		case "user_id":
			in.UserID, err = r.String(name)
		case "event_name":
			in.EventName, err = r.String(name)
		case "event_id":
			in.EventID, err = r.String(name)
		case "unit":
			in.Unit, err = r.String(name)
		case "timestamp":
			var raw []byte
			if raw, _, err = r.Raw(); err == nil {
				err = in.Timestamp.UnmarshalJSON(raw)
			}
		case "properties":
			var raw []byte
			var text string
			if raw, text, err = r.Raw(); err == nil {
				properties, err = compactProperties(raw, text)
			}
		default:
			err = fmt.Errorf("%s: unknown field; there are %s", name, outcomeFields)
		}
		return err
	})
	if err == nil {
		err = in.Validate(d.now)
	}
	if err != nil {
		return err
	}
	if in.Unit == "" {
		in.Unit = event.DefaultUnit
	}
	if in.EventID == "" {
		in.EventID = d.ids()
	}
	if in.Timestamp == 0 {
		in.Timestamp = event.Timestamp(model.MillisOf(d.now))
	}
	d.batch.AddOutcome(&sink.Outcome{
		ID: in.EventID, Time: event.Millis(in.Timestamp), Event: in.EventName,
		Unit: in.Unit, UnitHash: d.hasher.Hash(in.Unit, in.UserID), Properties: properties,
	})
	return nil
}
