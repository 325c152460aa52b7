package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
)

// DefaultUnit is the unit type of an outcome, or of a visitor's cookie, that names none.
const DefaultUnit = "user"

// Outcome says that a unit did something. It is the body of POST /api/v1/track.
type Outcome struct {
	// EventID makes delivery idempotent: outcomes with the same id count once. If it is
	// empty, the collector makes an id, and an outcome that is sent twice counts twice.
	EventID    string          `json:"event_id,omitempty"`
	Unit       string          `json:"unit,omitempty"` // unit type; DefaultUnit if empty
	UserID     string          `json:"user_id"`        // the unit's id; the collector hashes it before storing
	EventName  string          `json:"event_name"`
	Properties json.RawMessage `json:"properties,omitempty"` // a JSON object
	Timestamp  Timestamp       `json:"timestamp,omitempty"`  // when it happened; the collector's clock if zero
}

// OutcomeBatch is the body of POST /api/v1/track/batch.
type OutcomeBatch struct {
	Events []Outcome `json:"events"`
}

// Timestamp is a time in milliseconds since the Unix epoch. In JSON it is that number or an
// RFC 3339 string. Zero means that no time is given; JSON must omit it then.
type Timestamp Millis

var (
	errTimestamp           = errors.New("timestamp: want RFC 3339, such as \"2006-01-02T15:04:05Z\", or Unix milliseconds")
	errTimestampBefore1970 = errors.New("timestamp: must be after 1970-01-01T00:00:00Z")
)

// UnmarshalJSON reads either form. Milliseconds may have a fraction, which is cut off.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	ms, err := parseTimestamp(data)
	if err != nil {
		return err
	}
	if ms <= 0 {
		return errTimestampBefore1970
	}
	*t = Timestamp(ms)
	return nil
}

func parseTimestamp(data []byte) (int64, error) {
	if data[0] == '"' {
		text, err := unquote(data)
		if err != nil {
			return 0, errTimestamp
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return 0, errTimestamp
		}
		return at.UnixMilli(), nil
	}
	ms, err := strconv.ParseFloat(string(data), 64)
	if err != nil || math.Abs(ms) > math.MaxInt64/2 {
		return 0, errTimestamp
	}
	return int64(ms), nil
}

// unquote returns the text of a JSON string.
func unquote(data []byte) (text string, err error) {
	if bytes.IndexByte(data, '\\') < 0 {
		return string(data[1 : len(data)-1]), nil
	}
	err = json.Unmarshal(data, &text)
	return text, err
}
