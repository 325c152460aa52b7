package model

import (
	"cmp"
	"slices"
)

// MaxFormer is the number of former experiments and flags that a program remembers: a
// year of a program of 10,000 whose experiments last five weeks. They take about 4 bytes
// each of a packed payload. Beyond it those that left first are forgotten.
const MaxFormer = 100_000

// Ledger is what the publisher has to know of earlier revisions to make the next one,
// beside the experiments and flags of the live one. No decision depends on it.
type Ledger struct {
	Rests  []Rest   // sorted by Key; of one key and layer in the order of positions
	Former []Former // sorted by Key
	Kills  []Kill   // sorted by Key
	Clocks []Clock  // sorted by Key
}

// Clock is that of the ramps of an experiment or flag, or nil if they go by the time.
func (l *Ledger) Clock(key string) *Clock {
	i, found := slices.BinarySearchFunc(l.Clocks, key, func(c Clock, key string) int { return cmp.Compare(c.Key, key) })
	if !found {
		return nil
	}
	return &l.Clocks[i]
}

// Rest is slots of a layer that an experiment gave up. Nobody else gets them before
// Until. The experiment itself gets them back when it grows or returns.
type Rest struct {
	Key   string  // of the experiment
	Layer string  // key of the layer, which need not be in the program
	Until int64   // milliseconds since the Unix epoch
	Slots []Range // in the order of positions; never empty
}

// Former is an experiment or flag that is in the program no more or, after a rollback,
// again in a phase that is not its last. Should it return or begin anew, it does so in
// the phase after this.
type Former struct {
	Key   string
	Phase int   // the last
	Left  int64 // when it left, in milliseconds since the Unix epoch
}

// Kill is a kill switch that was thrown by command. It stays on until it is undone,
// whatever the directory says, and also while the program is without the experiment or
// flag.
type Kill struct {
	Key    string
	At     int64 // when, in milliseconds since the Unix epoch
	Paused bool  // the directory says so too, so that undoing the kill changes nothing
}

// Clock is the clock that the ramps of an experiment or flag go by once it has been
// stopped or set by command. Without one they go by the time itself.
type Clock struct {
	Key     string
	At      int64 // when it was last stopped, started or set, in milliseconds since the Unix epoch
	Shows   int64 // what it showed then
	Stopped bool  // it shows that still
	Ramps   []Ramp
}

// Ramp is a ramp as it was declared, for the clock to be set again.
type Ramp struct {
	Rule    int // index into the experiment's rules
	Traffic int // before the first step
	Steps   []Step
}

// Reading is what the clock shows at a time, both in milliseconds since the Unix epoch.
func (c *Clock) Reading(now int64) int64 {
	if c.Stopped {
		return c.Shows
	}
	return c.Shows + now - c.At
}
