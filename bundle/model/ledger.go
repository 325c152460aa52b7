package model

import (
	"cmp"
	"slices"
)

// MaxFormer is the largest number of former experiments and flags in a ledger. If there are
// more, the ones that left first are dropped. A project with 10,000 experiments that run for
// five weeks each fills it in a year. Each takes about 4 bytes of a packed payload.
const MaxFormer = 100_000

// Ledger is the state that the publisher carries from revision to revision, aside from the live
// experiments and flags. No decision depends on it.
type Ledger struct {
	Rests  []Rest   // sorted by Key; those of one key and layer in the order of positions
	Former []Former // sorted by Key
	Kills  []Kill   // sorted by Key
	Clocks []Clock  // sorted by Key
}

// Clock returns the clock of the ramps of an experiment or flag, or nil if its ramps follow the
// real time.
func (l *Ledger) Clock(key string) *Clock {
	i, found := slices.BinarySearchFunc(l.Clocks, key, func(c Clock, key string) int { return cmp.Compare(c.Key, key) })
	if !found {
		return nil
	}
	return &l.Clocks[i]
}

// Rest is a set of slots of a layer that an experiment gave up. No other experiment gets them
// before Until. The experiment itself may get them back when it grows or returns.
type Rest struct {
	Key   string  // of the experiment
	Layer string  // key of the layer, which may be absent from the program
	Until Millis  // when the rest is over
	Slots []Range // in the order of positions; never empty
}

// Former is an experiment or flag that left the program, or that a rollback returned to an
// earlier phase. If it returns or starts again, it does so in the phase after Phase.
type Former struct {
	Key   string
	Phase int    // its highest phase so far
	Left  Millis // time of leaving
}

// Kill is a kill switch that a command set. It stays set until a command undoes it, regardless
// of the project's files, and also while the experiment or flag is not in the program.
type Kill struct {
	Key    string
	At     Millis // time of the command
	Paused bool   // the files pause it too, so that undoing the kill changes nothing
}

// Clock is the clock of the ramps of an experiment or flag. A command that stops or sets a ramp
// creates it. Without a clock, ramps follow the real time.
type Clock struct {
	Key     string
	At      Millis // when it was last stopped, started or set
	Shows   Millis // the time it showed then
	Stopped bool   // it still shows that time
	Ramps   []Ramp
}

// Ramp is a ramp as declared, from which a clock can be set again.
type Ramp struct {
	Rule    int // index into the experiment's rules
	Traffic int // before the first step
	Steps   []Step
}

// Reading returns the time that the clock shows at now.
func (c *Clock) Reading(now Millis) Millis {
	if c.Stopped {
		return c.Shows
	}
	return c.Shows + now - c.At
}
