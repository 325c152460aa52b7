package event

import "time"

// Millis is a time in milliseconds since the Unix epoch, as it is sent and stored. Zero stands
// for no time.
type Millis int64

// MillisOf returns t, cut off to the millisecond.
func MillisOf(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time returns the time, in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }
