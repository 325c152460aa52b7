package plan

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Kept says, a line each, what a program keeps of what was done by command, and what of it
// has come to an end since the live program, which is nil before the first.
func Kept(live, next *model.Program) []string {
	lines := []string{}
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, k := range next.Ledger.Kills {
		say("kept: %s is killed since %s; end it with publisher kill %s --undo", k.Key, stamp(k.At), k.Key)
	}
	for _, c := range next.Ledger.Clocks {
		switch late := c.At - c.Shows; {
		case c.Stopped:
			say("kept: the ramp of %s is paused since %s; end it with publisher ramp resume %s", c.Key, stamp(c.At), c.Key)
		case late >= 0:
			say("kept: the ramp of %s runs %s behind its file; to end it, change the ramp there", c.Key, span(late))
		default:
			say("kept: the ramp of %s runs %s ahead of its file; to end it, change the ramp there", c.Key, span(-late))
		}
	}
	if live == nil {
		return lines
	}
	for _, c := range live.Ledger.Clocks {
		if next.Ledger.Clock(c.Key) == nil {
			say("ended: the ramp of %s goes by its file again", c.Key)
		}
	}
	return lines
}

// span writes a time in milliseconds that may be longer than a time.Duration.
func span(ms int64) string {
	const day = 24 * int64(time.Hour/time.Millisecond)
	rest := (time.Duration(ms%day) * time.Millisecond).Round(time.Second).String()
	if ms < day {
		return rest
	}
	return fmt.Sprintf("%dd%s", ms/day, rest)
}

// stamp writes a time in milliseconds since the Unix epoch.
func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
