package collector

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/collector/sink"
)

// decodeTrack reads the body of POST /api/v1/track.
func (c *Collector) decodeTrack(body []byte, now time.Time) (*sink.Batch, error) {
	var raw json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, service.ExplainJSON("", err)
	}
	b := sink.NewBatch(now)
	o, err := c.decodeOutcome(raw, "", now)
	if err != nil {
		return nil, err
	}
	b.Outcomes = []sink.Outcome{o}
	return b, nil
}

// decodeTrackBatch reads the body of POST /api/v1/track/batch.
func (c *Collector) decodeTrackBatch(body []byte, now time.Time) (*sink.Batch, error) {
	var in struct {
		Events []json.RawMessage `json:"events"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, service.ExplainJSON("", err)
	}
	if err := event.CheckCount("events", len(in.Events), event.MaxOutcomes); err != nil {
		return nil, err
	}
	b := sink.NewBatch(now)
	b.Outcomes = make([]sink.Outcome, len(in.Events))
	for i, raw := range in.Events {
		o, err := c.decodeOutcome(raw, fmt.Sprintf("events[%d]", i), now)
		if err != nil {
			return nil, err
		}
		b.Outcomes[i] = o
	}
	return b, nil
}

// outcomeFields are the fields of an event.Outcome.
var outcomeFields = []string{"user_id", "event_name", "properties", "timestamp", "event_id", "unit"}

// decodeOutcome decodes one outcome. It refuses unknown fields: people write these requests, and
// would not notice that they misspelt an optional field.
func (c *Collector) decodeOutcome(raw json.RawMessage, path string, now time.Time) (sink.Outcome, error) {
	var in event.Outcome
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return sink.Outcome{}, service.ExplainJSON(path, err, outcomeFields...)
	}
	if err := in.Validate(now); err != nil {
		return sink.Outcome{}, service.ExplainJSON(path, err)
	}
	properties, err := canonicalProperties(in.Properties)
	if err != nil {
		return sink.Outcome{}, service.ExplainJSON(path, err)
	}
	if in.Unit == "" {
		in.Unit = event.DefaultUnit
	}
	if in.EventID == "" {
		in.EventID = fmt.Sprintf("%s-%d", c.boot, c.outcomes.Add(1))
	}
	if in.Timestamp == 0 {
		in.Timestamp = event.Timestamp(model.MillisOf(now))
	}
	return sink.Outcome{
		ID: in.EventID, Time: event.Millis(in.Timestamp), Event: in.EventName,
		Unit: in.Unit, UnitHash: event.HashUnit(c.config.HashKey, in.Unit, in.UserID),
		Properties: properties,
	}, nil
}

// decodeExposures reads the body of POST /api/v1/exposures. It ignores unknown fields, so that
// hosts may be upgraded before collectors.
func (c *Collector) decodeExposures(body []byte, now time.Time) (*sink.Batch, error) {
	var in struct {
		Source    string            `json:"source"`
		Boot      string            `json:"boot"`
		Exposures []json.RawMessage `json:"exposures"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, service.ExplainJSON("", err)
	}
	whole := event.ExposureBatch{Source: in.Source, Boot: in.Boot, Exposures: make([]event.Exposure, len(in.Exposures))}
	if err := whole.Validate(); err != nil {
		return nil, err
	}
	b := sink.NewBatch(now)
	b.Source, b.Boot = in.Source, in.Boot
	b.Exposures = make([]sink.Exposure, len(in.Exposures))
	for i, raw := range in.Exposures {
		x := &whole.Exposures[i]
		err := json.Unmarshal(raw, x)
		if err == nil {
			err = x.Validate(now)
		}
		if err != nil {
			return nil, service.ExplainJSON(fmt.Sprintf("exposures[%d]", i), err)
		}
		b.Exposures[i] = sink.Exposure{
			Seq: x.Seq, Time: x.Time, Experiment: x.Experiment, Variant: x.Variant,
			Phase: int32(x.Phase), Unit: x.Unit, UnitHash: event.HashUnit(c.config.HashKey, x.Unit, x.UnitID),
			Revision: x.Revision, Override: x.Override,
		}
	}
	return b, nil
}

// maxPropertyDepth bounds the nesting of properties.
const maxPropertyDepth = 16

// canonicalProperties returns properties as a compact JSON object that every reader understands in
// the same way: the names are sorted and unique, there are no lone surrogates, and every number is
// in the range of a double.
func canonicalProperties(raw json.RawMessage) (string, error) {
	if len(raw) == 0 {
		return "{}", nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // a 64-bit id must not be rounded
	var properties map[string]any
	if err := d.Decode(&properties); err != nil {
		return "", errors.New("properties: want an object")
	}
	if len(properties) > event.MaxProperties {
		return "", fmt.Errorf("properties: has %d members; the limit is %d", len(properties), event.MaxProperties)
	}
	for name := range properties {
		if len(name) > event.MaxNameLength {
			return "", fmt.Errorf("properties: has a name of %d bytes; the limit is %d", len(name), event.MaxNameLength)
		}
	}
	if err := checkValue(properties, maxPropertyDepth); err != nil {
		return "", err
	}
	if properties == nil {
		return "{}", nil
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(properties); err != nil {
		return "", fmt.Errorf("properties: %w", err)
	}
	canonical := strings.TrimSuffix(text.String(), "\n")
	if len(canonical) > event.MaxPropertyBytes {
		return "", fmt.Errorf("properties: is %d bytes of JSON; the limit is %d", len(canonical), event.MaxPropertyBytes)
	}
	return canonical, nil
}

func checkValue(value any, depth int) error {
	if depth == 0 {
		return fmt.Errorf("properties: is nested deeper than %d levels", maxPropertyDepth)
	}
	switch v := value.(type) {
	case json.Number:
		if f, err := v.Float64(); err != nil || math.IsInf(f, 0) {
			return errors.New("properties: has a number that is too large for a double")
		}
	case map[string]any:
		for _, member := range v {
			if err := checkValue(member, depth-1); err != nil {
				return err
			}
		}
	case []any:
		for _, element := range v {
			if err := checkValue(element, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}
