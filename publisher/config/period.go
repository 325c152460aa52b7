package config

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Period is a length of time in a file: whole days, hours or minutes.
type Period time.Duration

// MaxPeriod is the longest period that a file may give.
const MaxPeriod = Period(10 * 366 * day)

const (
	minute = time.Minute
	day    = 24 * time.Hour
)

var errPeriod = errors.New("a period is a whole number of days, hours or minutes: 14d, 36h, 90m")

// ParsePeriod reads "14d", "36h", "90m" or "0".
func ParsePeriod(s string) (Period, error) {
	if s == "0" {
		return 0, nil
	}
	if s == "" {
		return 0, errPeriod
	}
	units := map[byte]time.Duration{'d': day, 'h': time.Hour, 'm': time.Minute}
	number, unit := s[:len(s)-1], units[s[len(s)-1]]
	if unit == 0 || !isDigits(number) {
		return 0, errPeriod
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n > int64(MaxPeriod)/int64(unit) {
		return 0, fmt.Errorf("a period is at most %s", MaxPeriod)
	}
	return Period(time.Duration(n) * unit), nil
}

// Milliseconds returns the period in milliseconds.
func (p Period) Milliseconds() int64 { return time.Duration(p).Milliseconds() }

// String returns the shortest exact form, for example "14d".
func (p Period) String() string {
	d := time.Duration(p)
	switch {
	case d == 0:
		return "0"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}
