package control

import (
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Kept is an operation that stays in force: what was killed, or the ramp that was paused or set, by
// command and not in the directory.
type Kept struct {
	Key       string    `json:"key"`
	Operation string    `json:"operation"` // kill or ramp
	Since     time.Time `json:"since"`
	Paused    bool      `json:"paused,omitempty"`       // the ramp
	Late      float64   `json:"late_seconds,omitempty"` // by how much the ramp runs behind its file; negative ahead of it
}

func keptOperations(p *model.Program) []Kept {
	list := []Kept{}
	for _, k := range p.Ledger.Kills {
		list = append(list, Kept{Key: k.Key, Operation: "kill", Since: k.At.Time()})
	}
	for _, c := range p.Ledger.Clocks {
		k := Kept{Key: c.Key, Operation: "ramp", Since: c.At.Time(), Paused: c.Stopped}
		if !c.Stopped {
			k.Late = float64(c.At-c.Shows) / 1000
		}
		list = append(list, k)
	}
	return list
}
