package plan

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Match says which units a movement is about, by the audience that matches them.
type Match string

// Units by what audience and prerequisites say of them.
const (
	Matched         Match = "matched"           // they match before and after
	NewlyMatched    Match = "newly_matched"     // they match after, and did not before
	NoLongerMatched Match = "no_longer_matched" // they matched before, and do not after
)

// Movement is who is given something else than before: shares of the eligible units.
//
// Eligible are the units that are matched as Match says, and that are not held out both
// before and after; draws decide for these alone. The numbers are counted on
// slots, and so hold for all units that there could be; they do not sample.
type Movement struct {
	Match Match `json:"match"`

	// Rule is the rule of a flag, from 1, whose audience matches, and no other audience
	// of the flag; 0 for an experiment, and for a flag's units that no audience matches.
	Rule int `json:"rule"`

	Before Share `json:"before"` // given a variant before
	After  Share `json:"after"`  // given a variant after
	Enter  Share `json:"enter"`  // given a variant, and none before
	Leave  Share `json:"leave"`  // given none, and a variant before
	Switch Share `json:"switch"` // given another variant

	Flows []Flow `json:"flows"` // by From and To

	given map[string]*big.Int // ways in which each variant was given before
}

// Flow is the units that go from one variant to another. An empty key stands for none.
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

// without is what a unit is given that its draws keep out.
func (s *side) without() string { return s.outcomes[0][0].variant }

// countRules counts, by rule before and rule after, the ways in which the slots can fall,
// and all ways.
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

// variantWays is the number of ways in which the variant slots can fall.
func variantWays(same bool) int64 {
	if same {
		return model.Slots
	}
	return model.Slots * model.Slots
}

// counted is the number of ways in which the variant slots give one variant before and
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

// holdoutWays are the ways in which the slots of all holdouts can fall, without those by
// which a unit is held out both before and after. They have no common divisor.
type holdoutWays struct {
	neither    *big.Int // held out neither before nor after
	onlyBefore *big.Int
	onlyAfter  *big.Int
}

func (h holdoutWays) eligible() *big.Int {
	sum := new(big.Int).Add(h.onlyBefore, h.onlyAfter)
	return sum.Add(sum, h.neither)
}

// heldOut counts the ways. A holdout draws with its own salt, so its draws are independent
// of all others. Where everybody is held out, nobody is eligible: all units
// then count as held out neither before nor after, and get what the others would.
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

// summarize adds the flows up.
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

// affected is the share of units whose experience changes. A unit that is given nothing
// sees what the application does anyway, and that is what the control of an experiment
// and the default of a flag stand for.
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
