package cli

import (
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
			k.Late = float64(c.At-c.Shows) / 1000
		}
		list = append(list, k)
	}
	return list
}
