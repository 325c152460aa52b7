package compile

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/closest"
)

// Operation changes a program by command, beside its directory: it throws a kill switch,
// or stops or sets the clock of a ramp. The program's ledger remembers it, so that
// compiling the directory against that does the same. An operation has no other effect:
// no slots and no splits change, and so no unit but those that it is for.
type Operation func(p *model.Program) error

// Patch carries out an operation on a payload. The payload that it returns is, byte for
// byte, what the directory of the first would compile to now; the program is without
// audiences, as that of bundle.Catalog.
func Patch(payload []byte, change Operation) ([]byte, *model.Program, error) {
	catalog, err := bundle.ParseCatalog(payload)
	if err != nil {
		return nil, nil, err
	}
	p, err := catalog.Program()
	if err != nil {
		return nil, nil, err
	}
	if err := change(p); err != nil {
		return nil, nil, err
	}
	w, err := catalog.Rewrite()
	if err != nil {
		return nil, nil, err
	}
	exclusions, err := catalog.Exclusions()
	if err != nil {
		return nil, nil, err
	}
	writeKilled(w, p.Experiments)
	writeEnrolments(w, rulesOf(p.Experiments, exclusions))
	writeOperations(w, &p.Ledger)
	vectors, err := catalog.Vectors()
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

func requestsOf(vectors []bundle.Vector) [][]byte {
	requests := make([][]byte, len(vectors))
	for i, v := range vectors {
		requests[i] = v.Request
	}
	return requests
}

// keepOperations applies what the ledger says was done by command to a program that
// knows nothing of it. Kills stay whether or not the program has what they kill. A clock
// goes when no ramp is left that goes by it; one that runs also when the directory says
// something else about the ramps than when it was set, as its times then count again.
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

// Kill throws the kill switch of an experiment or flag: the one assigns nobody, the other
// gives its default. It stays on until UndoKill. Killing twice changes nothing more.
func Kill(key string, now time.Time) Operation {
	return func(p *model.Program) error {
		e, err := mustFind(p, key)
		if err != nil {
			return err
		}
		if i, found := searchKill(p, key); !found {
			kill := model.Kill{Key: key, At: milliseconds(now), Paused: e.Killed}
			p.Ledger.Kills = slices.Insert(p.Ledger.Kills, i, kill)
		}
		e.Killed = true
		return nil
	}
}

// KillAhead throws the kill switch of an experiment or flag that the program does not have:
// what is offered to some hosts is killed before it comes to all.
func KillAhead(key string, now time.Time) Operation {
	return func(p *model.Program) error {
		if i, found := searchKill(p, key); !found {
			p.Ledger.Kills = slices.Insert(p.Ledger.Kills, i, model.Kill{Key: key, At: milliseconds(now)})
		}
		return nil
	}
}

// KeepKills throws the kill switches again that a program which was live later had, so
// that going back does not bring back what was killed since.
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

// UndoKill undoes a kill. What the directory pauses stays paused.
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

// mustFind is the experiment or flag of a key, or an error that suggests another.
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
