package plan

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Match says which units a movement is about: those that match the audience and the
// prerequisites before, after, or both.
type Match string

// The matches.
const (
	Matched         Match = "matched"           // they match before and after
	NewlyMatched    Match = "newly_matched"     // they match after, and did not before
	NoLongerMatched Match = "no_longer_matched" // they matched before, and do not after
)

// Movement says which shares of the eligible units get another variant than before.
//
// A unit is eligible if it matches as Match says, and is not held out both before and after.
// The shares are counted on slots. They are exact over all possible units, not a sample.
type Movement struct {
	Match Match `json:"match"`

	// Rule is the rule of a flag, from 1, whose audience matches, and no other audience
	// of the flag; 0 for an experiment, and for a flag's units that no audience matches.
	Rule int `json:"rule"`

	Before Share `json:"before"` // get a variant before
	After  Share `json:"after"`  // get a variant after
	Enter  Share `json:"enter"`  // get a variant after, and none before
	Leave  Share `json:"leave"`  // get no variant after, and one before
	Switch Share `json:"switch"` // get another variant than before

	Flows []Flow `json:"flows"` // by From and To

	given map[string]*big.Int // by variant: the ways to get it before
}

// Flow is the share of units that go from one variant to another. An empty key means no
// variant.
type Flow struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Units Share  `json:"units"`
}

// movement compares two sides.
func movement(before, after *side) Movement {
	pairs, pairsOf := countRules(before, after)
	_, sameVariantSlot := drawnAlike(before, after)
	h := heldOut(before, after)

	flows := map[[2]string]*big.Int{}
	add := func(from, to string, units *big.Int) {
		if flows[[2]string{from, to}] == nil {
			flows[[2]string{from, to}] = new(big.Int)
		}
		flows[[2]string{from, to}].Add(flows[[2]string{from, to}], units)
	}
	for rules, slots := range pairs {
		was, is := before.outcomes[rules[0]], after.outcomes[rules[1]]
		for _, c := range countVariants(was, is, sameVariantSlot) {
			units := new(big.Int).Mul(slots, big.NewInt(c.ways))
			add(c.from, c.to, new(big.Int).Mul(units, h.neither))
			add(c.from, after.without(), new(big.Int).Mul(units, h.onlyAfter))
			add(before.without(), c.to, new(big.Int).Mul(units, h.onlyBefore))
		}
	}
	of := new(big.Int).Mul(pairsOf, big.NewInt(variantWays(sameVariantSlot)))
	of.Mul(of, h.eligible())
	return summarize(flows, of)
}

// without returns the variant of a unit that is not enrolled.
func (s *side) without() string { return s.outcomes[0][0].variant }

// countRules counts the combinations of slots by rule before and rule after. It also returns
// the number of all combinations.
func countRules(before, after *side) (map[[2]uint16]*big.Int, *big.Int) {
	sameSlot, _ := drawnAlike(before, after)
	counts := map[[2]uint16]int64{}
	of := int64(model.Slots)
	if sameSlot {
		for slot := range model.Slots {
			counts[[2]uint16{before.rule[slot], after.rule[slot]}]++
		}
	} else {
		of *= model.Slots
		a, b := make([]int64, len(before.outcomes)), make([]int64, len(after.outcomes))
		for slot := range model.Slots {
			a[before.rule[slot]]++
			b[after.rule[slot]]++
		}
		for i, n := range a {
			for j, m := range b {
				counts[[2]uint16{uint16(i), uint16(j)}] = n * m
			}
		}
	}
	pairs := make(map[[2]uint16]*big.Int, len(counts))
	for rules, n := range counts {
		pairs[rules] = big.NewInt(n)
	}
	return pairs, big.NewInt(of)
}

// variantWays returns the number of combinations of variant slots.
func variantWays(same bool) int64 {
	if same {
		return model.Slots
	}
	return model.Slots * model.Slots
}

// counted is the number of combinations of variant slots that give one variant before and
// one after.
type counted struct {
	from, to string
	ways     int64
}

func countVariants(was, is outcome, same bool) []counted {
	var list []counted
	if !same {
		from := 0
		for _, a := range was {
			start := 0
			for _, b := range is {
				list = append(list, counted{a.variant, b.variant, int64(a.to-from) * int64(b.to-start)})
				start = b.to
			}
			from = a.to
		}
		return list
	}
	for from, i, j := 0, 0, 0; from < model.Slots; {
		to := min(was[i].to, is[j].to)
		list = append(list, counted{was[i].variant, is[j].variant, int64(to - from)})
		if was[i].to == to {
			i++
		}
		if is[j].to == to {
			j++
		}
		from = to
	}
	return list
}

// holdoutWays counts the combinations of the slots of all holdouts, without those that hold
// a unit out both before and after. The counts have no common divisor.
type holdoutWays struct {
	neither    *big.Int // held out neither before nor after
	onlyBefore *big.Int
	onlyAfter  *big.Int
}

func (h holdoutWays) eligible() *big.Int {
	sum := new(big.Int).Add(h.onlyBefore, h.onlyAfter)
	return sum.Add(sum, h.neither)
}

// heldOut counts the combinations. A holdout draws with its own salt, so its draws are
// independent of all others. If every unit is held out, none is eligible, and heldOut counts
// all units as held out neither before nor after.
func heldOut(before, after *side) holdoutWays {
	neither, freeBefore, freeAfter := big.NewInt(1), big.NewInt(1), big.NewInt(1)
	for salt := range merged(before.holdouts, after.holdouts) {
		b, a := before.holdouts[salt], after.holdouts[salt]
		neither.Mul(neither, big.NewInt(int64(model.Slots-max(a, b))))
		freeBefore.Mul(freeBefore, big.NewInt(int64(model.Slots-b)))
		freeAfter.Mul(freeAfter, big.NewInt(int64(model.Slots-a)))
	}
	h := holdoutWays{neither, freeAfter.Sub(freeAfter, neither), freeBefore.Sub(freeBefore, neither)}
	divisor := new(big.Int).GCD(nil, nil, h.neither, h.onlyBefore)
	divisor.GCD(nil, nil, divisor, h.onlyAfter)
	if divisor.Sign() == 0 {
		return holdoutWays{big.NewInt(1), new(big.Int), new(big.Int)}
	}
	for _, n := range []*big.Int{h.neither, h.onlyBefore, h.onlyAfter} {
		n.Quo(n, divisor)
	}
	return h
}

func merged(a, b map[string]int) map[string]bool {
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}

// summarize adds up the flows.
func summarize(flows map[[2]string]*big.Int, of *big.Int) Movement {
	share := func() Share { return Share{new(big.Int), of} }
	m := Movement{Before: share(), After: share(), Enter: share(), Leave: share(), Switch: share(), Flows: []Flow{}, given: map[string]*big.Int{}}
	for route, units := range flows {
		from, to := route[0], route[1]
		if units.Sign() == 0 {
			continue
		}
		if from != "" {
			m.Before.Units.Add(m.Before.Units, units)
			if m.given[from] == nil {
				m.given[from] = new(big.Int)
			}
			m.given[from].Add(m.given[from], units)
		}
		if to != "" {
			m.After.Units.Add(m.After.Units, units)
		}
		switch {
		case from == to:
			continue
		case from == "":
			m.Enter.Units.Add(m.Enter.Units, units)
		case to == "":
			m.Leave.Units.Add(m.Leave.Units, units)
		default:
			m.Switch.Units.Add(m.Switch.Units, units)
		}
		m.Flows = append(m.Flows, Flow{from, to, Share{units, of}})
	}
	slices.SortFunc(m.Flows, func(a, b Flow) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return m
}

// affected returns the share of units that see a change. A unit without a variant sees what
// the application does by itself, which equals usual: the control of an experiment or the
// default of a flag.
func (m *Movement) affected(usual string) Share {
	total := Share{new(big.Int), m.Enter.Of}
	sees := func(variant string) string {
		if variant == "" {
			return usual
		}
		return variant
	}
	for _, f := range m.Flows {
		if sees(f.From) != sees(f.To) {
			total.Units.Add(total.Units, f.Units.Units)
		}
	}
	return total
}
