package event

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sortition-dev/sortition/bundle/model"
)

// How far the time of an event may be from the clock of the host or collector that checks it.
const (
	MaxFuture = 24 * time.Hour      // ahead: a device's clock may be wrong by a time zone
	MaxAge    = 30 * 24 * time.Hour // behind: results are final after that
)

// Validate checks e against the limits of this package. The error begins with the JSON name of
// the invalid field and never contains the unit's id.
func (e *Exposure) Validate(now time.Time) error {
	if e.Seq == 0 {
		return errors.New("seq: must be at least 1")
	}
	if err := checkTime("time", e.Time, now); err != nil {
		return err
	}
	if err := checkName("experiment", e.Experiment); err != nil {
		return err
	}
	if err := checkName("variant", e.Variant); err != nil {
		return err
	}
	if e.Phase < 1 || e.Phase > math.MaxInt32 {
		return fmt.Errorf("phase: must be between 1 and %d, is %d", math.MaxInt32, e.Phase)
	}
	if err := checkName("unit", e.Unit); err != nil {
		return err
	}
	return checkID("unit_id", e.UnitID)
}

// Validate checks Source, Boot and the number of exposures. Check each exposure with
// [Exposure.Validate].
func (b *ExposureBatch) Validate() error {
	if err := checkName("source", b.Source); err != nil {
		return err
	}
	if err := checkName("boot", b.Boot); err != nil {
		return err
	}
	return CheckCount("exposures", len(b.Exposures), MaxExposures)
}

// Validate checks o against the limits of this package. It does not check the properties, which
// the collector parses later. An empty Unit and a zero Timestamp are valid. The error begins
// with the JSON name of the invalid field and never contains an id.
func (o *Outcome) Validate(now time.Time) error {
	if err := checkID("user_id", o.UserID); err != nil {
		return err
	}
	if err := checkName("event_name", o.EventName); err != nil {
		return err
	}
	if o.EventID != "" {
		if err := checkName("event_id", o.EventID); err != nil {
			return err
		}
	}
	if o.Unit != "" {
		if err := checkName("unit", o.Unit); err != nil {
			return err
		}
	}
	if o.Timestamp == 0 {
		return nil
	}
	return checkTime("timestamp", Millis(o.Timestamp), now)
}

// CheckCount checks the number of events in a batch: 1 to limit.
func CheckCount(field string, n, limit int) error {
	switch {
	case n == 0:
		return fmt.Errorf("%s: must have at least one event", field)
	case n > limit:
		return fmt.Errorf("%s: has %d events; the limit is %d: send several batches", field, n, limit)
	}
	return nil
}

func checkName(field, name string) error {
	if err := checkText(field, name, MaxNameLength); err != nil {
		return err
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("%s: must not contain control characters", field)
	}
	return nil
}

func checkID(field, id string) error { return checkText(field, id, MaxIDLength) }

func checkText(field, text string, limit int) error {
	switch {
	case text == "":
		return fmt.Errorf("%s: must not be empty", field)
	case len(text) > limit:
		return fmt.Errorf("%s: has %d bytes; the limit is %d", field, len(text), limit)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s: is not valid UTF-8", field)
	}
	return nil
}

func checkTime(field string, at Millis, now time.Time) error {
	oldest, latest := model.MillisOf(now.Add(-MaxAge)), model.MillisOf(now.Add(MaxFuture))
	switch {
	case at < oldest:
		return fmt.Errorf("%s: is more than %d days in the past; a number is in milliseconds, not seconds", field, MaxAge/(24*time.Hour))
	case at > latest:
		return fmt.Errorf("%s: is more than %d hours in the future; check the sender's clock", field, MaxFuture/time.Hour)
	}
	return nil
}
