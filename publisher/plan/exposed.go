package plan

import (
	"fmt"
	"math/big"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Exposed is what becomes of the units that were exposed to an experiment lately: about
// so many, because who they are is not recorded, but only how many saw which variant.
type Exposed struct {
	Units  int64 `json:"units"`  // exposed, in the phase that is live
	Days   int   `json:"days"`   // in how many days
	Leave  int64 `json:"leave"`  // of them are given none
	Switch int64 `json:"switch"` // of them are given another variant
}

// AddExposed says of each experiment that changes what becomes of the units that were
// exposed to it since a time. Units counts them by variant; it is nil for an experiment that
// nobody was exposed to. Those whom an audience lets in or keeps out are not told apart: an
// exposure does not say what was known of the unit.
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

// rounded is the nearest whole number.
func rounded(r *big.Rat) int64 {
	twice := new(big.Int).Mul(r.Num(), big.NewInt(2))
	twice.Add(twice, r.Denom())
	return twice.Quo(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2))).Int64()
}

func (e *Exposed) words() string {
	return fmt.Sprintf("of the %d units that were exposed to it in the last %d days: about %d leave, %d switch", e.Units, e.Days, e.Leave, e.Switch)
}
