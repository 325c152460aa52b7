package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// kept is the JSON form of what was done by command and a publish keeps.
type kept struct {
	Key       string    `json:"key"`
	Operation string    `json:"operation"` // kill or ramp
	Since     time.Time `json:"since"`
	Paused    bool      `json:"paused,omitempty"`       // the ramp
	Late      float64   `json:"late_seconds,omitempty"` // by how much the ramp runs behind its file; negative ahead of it
}

func keptOperations(p *model.Program) []kept {
	list := []kept{}
	for _, k := range p.Ledger.Kills {
		list = append(list, kept{Key: k.Key, Operation: "kill", Since: time.UnixMilli(k.At).UTC()})
	}
	for _, c := range p.Ledger.Clocks {
		k := kept{Key: c.Key, Operation: "ramp", Since: time.UnixMilli(c.At).UTC(), Paused: c.Stopped}
		if !c.Stopped {
			k.Late = late(c).Seconds()
		}
		list = append(list, k)
	}
	return list
}

func late(c model.Clock) time.Duration { return time.Duration(c.At-c.Shows) * time.Millisecond }

// writeKept says what a publish keeps of what was done by command, and what of it has
// come to an end since the live program, which is nil before the first.
func writeKept(w io.Writer, live, p *model.Program) {
	for _, k := range p.Ledger.Kills {
		fmt.Fprintf(w, "kept: %s is killed since %s; end it with publisher kill %s --undo\n", k.Key, stamp(k.At), k.Key)
	}
	for _, c := range p.Ledger.Clocks {
		switch d := late(c).Round(time.Second); {
		case c.Stopped:
			fmt.Fprintf(w, "kept: the ramp of %s is paused since %s; end it with publisher ramp resume %s\n", c.Key, stamp(c.At), c.Key)
		case d >= 0:
			fmt.Fprintf(w, "kept: the ramp of %s runs %s behind its file; to end it, change the ramp there\n", c.Key, d)
		default:
			fmt.Fprintf(w, "kept: the ramp of %s runs %s ahead of its file; to end it, change the ramp there\n", c.Key, -d)
		}
	}
	if live == nil {
		return
	}
	for _, c := range live.Ledger.Clocks {
		if p.Ledger.Clock(c.Key) == nil {
			fmt.Fprintf(w, "ended: the ramp of %s goes by its file again\n", c.Key)
		}
	}
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
