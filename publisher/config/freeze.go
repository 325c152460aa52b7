package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that zones are the same on every machine

	"github.com/sortition-dev/sortition/publisher/closest"
)

// Freeze is a period in which nothing is published. It lasts from From until before To. If Days
// is set, it lasts on each of Days from FromMinute until before ToMinute, in Zone.
type Freeze struct {
	From, To             time.Time
	Days                 []time.Weekday // none if From and To are set
	FromMinute, ToMinute int            // of the day as clocks in Zone show it, 0 … 1,440
	Zone                 *time.Location
	Reason               string // may be empty
}

// minutesOfDay is the number of minutes in a day, which is also the minute 24:00.
const minutesOfDay = 24 * 60

// Holds reports whether the freeze is in force at a time.
func (f *Freeze) Holds(at time.Time) bool {
	if len(f.Days) == 0 {
		return !at.Before(f.From) && at.Before(f.To)
	}
	local := at.In(f.Zone)
	minute := local.Hour()*60 + local.Minute()
	return slices.Contains(f.Days, local.Weekday()) && minute >= f.FromMinute && minute < f.ToMinute
}

// String returns, for example, "friday 16:00 to 24:00 (Europe/Berlin): weekend".
func (f *Freeze) String() string {
	text := fmt.Sprintf("%s to %s", f.From.Format(time.RFC3339), f.To.Format(time.RFC3339))
	if len(f.Days) > 0 {
		days := make([]string, len(f.Days))
		for i, d := range f.Days {
			days[i] = weekdays[d]
		}
		text = fmt.Sprintf("%s %s to %s (%s)", strings.Join(days, ", "), clock(f.FromMinute), clock(f.ToMinute), f.Zone)
	}
	if f.Reason != "" {
		text += ": " + f.Reason
	}
	return text
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// weekdays are the names of days by time.Weekday.
var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// freeze resolves an entry. It reports false after a mistake.
func (l *loader) freeze(e FreezeEntry) (Freeze, bool) {
	before := len(l.problems)
	l.checkText(e.Reason, "the reason", MaxNameLength)
	f := Freeze{Reason: e.Reason.Value, Zone: time.UTC}
	if e.Days.Pos != (Pos{}) {
		l.weekly(e, &f)
	} else {
		l.once(e, &f)
	}
	return f, len(l.problems) == before && e.From.Given() && e.To.Given()
}

func (l *loader) once(e FreezeEntry, f *Freeze) {
	f.From, f.To = l.date(e.From), l.date(e.To)
	if e.Zone.Given() {
		l.fail(e.Zone.Pos, "a date includes its time zone", "remove zone, or add days")
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.To.After(f.From) {
		l.fail(e.To.Pos, "the end of the freeze is not after its start", "")
	}
}

func (l *loader) date(text At[string]) time.Time {
	at, err := time.Parse(time.RFC3339, text.Value)
	if text.Given() && err != nil {
		l.fail(text.Pos, fmt.Sprintf("%q is not a time", text.Value), "write, for example, 2026-12-20T00:00:00Z; or add days and write 16:00")
	}
	return at
}

func (l *loader) weekly(e FreezeEntry, f *Freeze) {
	if len(e.Days.Items) == 0 {
		l.fail(e.Days.Pos, "the list of days is empty", "write, for example, days: [friday, saturday]; or remove days and write dates")
	}
	for _, day := range e.Days.Items {
		switch i := slices.Index(weekdays, day.Value); {
		case !day.Given():
		case i < 0:
			l.fail(day.Pos, fmt.Sprintf("unknown day %q", day.Value), closest.Hint(day.Value, "days", weekdays))
		default:
			f.Days = append(f.Days, time.Weekday(i))
		}
	}
	f.FromMinute, f.ToMinute = l.minute(e.From), l.minute(e.To)
	if f.FromMinute >= 0 && f.ToMinute >= 0 && f.ToMinute <= f.FromMinute {
		l.fail(e.To.Pos, "the end of the freeze is not after its start",
			"for a freeze across midnight, write two: one until 24:00, and one from 00:00 of the next day")
	}
	if e.Zone.Given() {
		zone, err := time.LoadLocation(e.Zone.Value)
		if err != nil || e.Zone.Value == "" || e.Zone.Value == "Local" {
			l.fail(e.Zone.Pos, fmt.Sprintf("unknown time zone %q", e.Zone.Value), "write a name such as Europe/Berlin or UTC")
			return
		}
		f.Zone = zone
	}
}

// minute reads a time of day. It returns a negative number after a mistake.
func (l *loader) minute(text At[string]) int {
	var hours, minutes int
	if n, err := fmt.Sscanf(text.Value, "%02d:%02d", &hours, &minutes); err == nil && n == 2 && minutes < 60 &&
		hours*60+minutes <= minutesOfDay && clock(hours*60+minutes) == text.Value {
		return hours*60 + minutes
	}
	if text.Given() {
		l.fail(text.Pos, fmt.Sprintf("%q is not a time of day", text.Value), "write 16:00, or 24:00 for the end of the day")
	}
	return -1
}
