package plan

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Kept describes, one in each line, the operations (kills and changes of ramps) that stay in
// force in next, and those that are in force in live and end with next. A nil live has none.
func Kept(live, next *model.Program) []string {
	lines := []string{}
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, k := range next.Ledger.Kills {
		say("in force: %s is killed since %s; to undo: publisher kill %s --undo", k.Key, stamp(k.At), k.Key)
	}
	for _, c := range next.Ledger.Clocks {
		switch late := c.At - c.Shows; {
		case c.Stopped:
			say("in force: the ramp of %s is paused since %s; to undo: publisher ramp resume %s", c.Key, stamp(c.At), c.Key)
		case late >= 0:
			say("in force: the ramp of %s runs %s behind its file; to undo, change the ramp in the file", c.Key, span(int64(late)))
		default:
			say("in force: the ramp of %s runs %s ahead of its file; to undo, change the ramp in the file", c.Key, span(int64(-late)))
		}
	}
	if live == nil {
		return lines
	}
	for _, c := range live.Ledger.Clocks {
		if next.Ledger.Clock(c.Key) == nil {
			say("ended: the ramp of %s follows its file again", c.Key)
		}
	}
	return lines
}

// span formats milliseconds, which may be more than a time.Duration can hold.
func span(ms int64) string {
	const day = 24 * int64(time.Hour/time.Millisecond)
	rest := (time.Duration(ms%day) * time.Millisecond).Round(time.Second).String()
	if ms < day {
		return rest
	}
	return fmt.Sprintf("%dd%s", ms/day, rest)
}

// stamp formats a time in RFC 3339.
func stamp(at model.Millis) string { return at.Time().Format(time.RFC3339) }
