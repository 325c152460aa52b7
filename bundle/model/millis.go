package model

import "time"

// Millis is a time in milliseconds since the Unix epoch, as sent and stored. Zero means no time.
type Millis int64

// MillisOf returns t, truncated to milliseconds.
func MillisOf(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time returns the time, in UTC.
func (m Millis) Time() time.Time { return time.UnixMilli(int64(m)).UTC() }
