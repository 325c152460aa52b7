package plan

import (
	"fmt"
	"math/big"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Exposed estimates how many of the recently exposed units of an experiment leave or switch.
// It is an estimate because only the number of units in each variant is known, not which
// units they are.
type Exposed struct {
	Units  int64 `json:"units"`  // exposed in the live phase
	Days   int   `json:"days"`   // in which the units were counted
	Leave  int64 `json:"leave"`  // of the units, get no variant any more
	Switch int64 `json:"switch"` // of the units, get another variant
}

// AddExposed sets Exposed of each experiment that changes and has units exposed since a time.
// Units returns their number by variant, or nil if there are none. A change of the audience
// is not counted, because an exposure does not hold the attributes of the unit.
func (p *Plan) AddExposed(since time.Time, units func(key string, phase int) map[string]int64) {
	for i := range p.Experiments {
		x := &p.Experiments[i]
		if x.Kind != model.KindExperiment.String() || len(x.Movements) == 0 || x.Movements[0].Match != Matched {
			continue
		}
		if seen := units(x.Key, x.PhaseBefore); len(seen) > 0 {
			x.Exposed = x.Movements[0].exposed(seen)
			x.Exposed.Days = int(p.At.Sub(since).Hours() / 24)
		}
	}
}

func (m *Movement) exposed(seen map[string]int64) *Exposed {
	e := &Exposed{}
	leave, switched := new(big.Rat), new(big.Rat)
	for _, n := range seen {
		e.Units += n
	}
	for _, f := range m.Flows {
		if seen[f.From] == 0 {
			continue
		}
		n := new(big.Rat).SetFrac(f.Units.Units, m.given[f.From])
		n.Mul(n, new(big.Rat).SetInt64(seen[f.From]))
		if f.To == "" {
			leave.Add(leave, n)
		} else {
			switched.Add(switched, n)
		}
	}
	e.Leave, e.Switch = rounded(leave), rounded(switched)
	return e
}

// rounded returns the nearest integer.
func rounded(r *big.Rat) int64 {
	twice := new(big.Int).Mul(r.Num(), big.NewInt(2))
	twice.Add(twice, r.Denom())
	return twice.Quo(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()
}

func (e *Exposed) words() string {
	return fmt.Sprintf("%d units were exposed in the last %d days: about %d of them leave and %d switch", e.Units, e.Days, e.Leave, e.Switch)
}
