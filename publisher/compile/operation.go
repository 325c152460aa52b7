package compile

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/closest"
)

// Operation changes a live program by command, without a change to its directory: it switches
// a kill switch, or stops or sets the clock of a ramp. The program's ledger records it, so
// that compiling the directory against the ledger has the same effect. Slots and splits do
// not change, so an operation affects only its experiment or flag.
type Operation func(p *model.Program) error

// Patch applies an operation to a payload. The result has the same bytes as compiling the
// payload's project with the operation would have. The returned program has no audiences.
func Patch(raw []byte, change Operation) ([]byte, *model.Program, error) {
	reader, err := payload.NewReader(raw)
	if err != nil {
		return nil, nil, err
	}
	p, err := reader.Program()
	if err != nil {
		return nil, nil, err
	}
	if err := change(p); err != nil {
		return nil, nil, err
	}
	w, err := reader.Rewrite()
	if err != nil {
		return nil, nil, err
	}
	exclusions, err := reader.Exclusions()
	if err != nil {
		return nil, nil, err
	}
	writeKilled(w, p.Experiments)
	writeEnrolments(w, rulesOf(p.Experiments, exclusions))
	writeOperations(w, &p.Ledger)
	vectors, err := reader.Vectors()
	if err != nil {
		return nil, nil, err
	}
	bare, err := w.Bytes()
	if err != nil {
		return nil, nil, err
	}
	patched, err := finish(w, bare, requestsOf(vectors))
	return patched, p, err
}

func requestsOf(vectors []payload.Vector) [][]byte {
	requests := make([][]byte, len(vectors))
	for i, v := range vectors {
		requests[i] = v.Request
	}
	return requests
}

// keepOperations applies the operations of the ledger to a program that has none. Kills
// stay, whether or not the program has what they kill. A clock is dropped if no ramp uses
// it. A running clock is also dropped if the directory has changed the ramps since the clock
// was set, because then the times of the directory count again.
func keepOperations(p *model.Program, live *Ledger) {
	for _, k := range live.Kills {
		k.Paused = false
		if e := p.Find(k.Key); e != nil {
			k.Paused, e.Killed = e.Killed, true
		}
		p.Ledger.Kills = append(p.Ledger.Kills, k)
	}
	for _, c := range live.Clocks {
		e := p.Find(c.Key)
		if e == nil {
			continue
		}
		declared := rampsOf(e)
		if declared == nil || !c.Stopped && !slices.EqualFunc(c.Ramps, declared, sameRamp) {
			continue
		}
		c.Ramps = declared
		followClock(e, &c)
		p.Ledger.Clocks = append(p.Ledger.Clocks, c)
	}
}

// Kill turns on the kill switch of an experiment or flag until [UndoKill]. A killed
// experiment assigns no unit; a killed flag gives its default. Killing twice has no further
// effect.
func Kill(key string, now time.Time) Operation {
	return func(p *model.Program) error {
		e, err := mustFind(p, key)
		if err != nil {
			return err
		}
		if i, found := searchKill(p, key); !found {
			kill := model.Kill{Key: key, At: millis(now), Paused: e.Killed}
			p.Ledger.Kills = slices.Insert(p.Ledger.Kills, i, kill)
		}
		e.Killed = true
		return nil
	}
}

// KillAhead turns on the kill switch of an experiment or flag that the program does not have
// yet: only the program that is offered to canary hosts has it.
func KillAhead(key string, now time.Time) Operation {
	return func(p *model.Program) error {
		if i, found := searchKill(p, key); !found {
			p.Ledger.Kills = slices.Insert(p.Ledger.Kills, i, model.Kill{Key: key, At: millis(now)})
		}
		return nil
	}
}

// KeepKills turns on the kill switches of a program that was live later, so that a rollback
// does not revive what was killed in the meantime.
func KeepKills(later *model.Program) Operation {
	return func(p *model.Program) error {
		for _, k := range later.Ledger.Kills {
			i, found := searchKill(p, k.Key)
			if found {
				continue
			}
			k.Paused = false
			if e := p.Find(k.Key); e != nil {
				k.Paused, e.Killed = e.Killed, true
			}
			p.Ledger.Kills = slices.Insert(p.Ledger.Kills, i, k)
		}
		return nil
	}
}

// UndoKill undoes a [Kill]. An experiment or flag that the directory pauses stays paused.
func UndoKill(key string) Operation {
	return func(p *model.Program) error {
		i, found := searchKill(p, key)
		if !found {
			e, err := mustFind(p, key)
			if err == nil && e.Killed {
				return fmt.Errorf("%q was not killed: its status is paused; set it to running in its file, and publish", key)
			}
			return cmp.Or(err, fmt.Errorf("%q was not killed", key))
		}
		if e := p.Find(key); e != nil {
			e.Killed = p.Ledger.Kills[i].Paused
		}
		p.Ledger.Kills = slices.Delete(p.Ledger.Kills, i, i+1)
		return nil
	}
}

func searchKill(p *model.Program, key string) (int, bool) {
	return slices.BinarySearchFunc(p.Ledger.Kills, key, func(k model.Kill, key string) int { return cmp.Compare(k.Key, key) })
}

// mustFind returns the experiment or flag with a key, or an error that suggests another key.
func mustFind(p *model.Program, key string) (*model.Experiment, error) {
	if e := p.Find(key); e != nil {
		return e, nil
	}
	keys := make([]string, len(p.Experiments))
	for i, e := range p.Experiments {
		keys[i] = e.Key
	}
	if hint := closest.Hint(key, "experiments and flags", keys); hint != "" {
		return nil, fmt.Errorf("%q is not live; %s", key, hint)
	}
	return nil, fmt.Errorf("%q is not live", key)
}
