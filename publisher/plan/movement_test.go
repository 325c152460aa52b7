package plan

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
)

// bruteCases is how many random pairs of experiments are counted out, at a tenth of a
// second each.
const bruteCases = 20

// TestEveryUnitIsCounted holds the numbers against a count over all slots and variant
// slots, one pair at a time, for random experiments before and after.
func TestEveryUnitIsCounted(t *testing.T) {
	switched, anew, held := 0, 0, 0
	for seed := range uint64(bruteCases) {
		rng := rand.New(rand.NewPCG(seed, 5))
		before, after := randomPrograms(rng)
		now := model.Millis(rng.Int64N(60))
		rules := []int{0, 1}
		a, b := sideOf(before, 0, now, rules), sideOf(after, 0, now, rules)
		got := movement(a, b)
		want := countOut(before, after, now, rules, countPairs)
		if err := differ(got, want); err != nil {
			t.Fatalf("seed %d: %v\nbefore %+v\nafter %+v", seed, err, before.Experiments[0], after.Experiments[0])
		}
		if !got.Switch.Zero() {
			switched++
		}
		if slot, variantSlot := drawnAlike(a, b); !slot || !variantSlot {
			anew++
		}
		if len(a.holdouts)+len(b.holdouts) > 0 {
			held++
		}
	}
	if switched < 2 || anew < 2 || held < 2 {
		t.Errorf("%d cases switched, %d drew anew, %d had holdouts: the test tests too little", switched, anew, held)
	}
}

// counts are the ways in which a unit goes from one variant to another, and all ways.
type counts struct {
	flows map[[2]string]*big.Int
	of    *big.Int
}

func differ(got Movement, want counts) error {
	if got.Enter.Of.Sign() == 0 {
		return fmt.Errorf("of nobody")
	}
	for _, f := range got.Flows {
		n := want.flows[[2]string{f.From, f.To}]
		if n == nil || f.Units.Rat().Cmp(new(big.Rat).SetFrac(n, want.of)) != 0 {
			return fmt.Errorf("%q → %q: %v of %v, counted %v of %v", f.From, f.To, f.Units.Units, f.Units.Of, n, want.of)
		}
	}
	sum := func(which func(from, to string) bool) *big.Rat {
		n := new(big.Int)
		for route, units := range want.flows {
			if which(route[0], route[1]) {
				n.Add(n, units)
			}
		}
		return new(big.Rat).SetFrac(n, want.of)
	}
	for _, c := range []struct {
		name string
		got  Share
		want *big.Rat
	}{
		{"before", got.Before, sum(func(from, _ string) bool { return from != "" })},
		{"after", got.After, sum(func(_, to string) bool { return to != "" })},
		{"enter", got.Enter, sum(func(from, to string) bool { return from == "" && to != "" })},
		{"leave", got.Leave, sum(func(from, to string) bool { return from != "" && to == "" })},
		{"switch", got.Switch, sum(func(from, to string) bool { return from != "" && to != "" && from != to })},
	} {
		if c.got.Rat().Cmp(c.want) != 0 {
			return fmt.Errorf("%s: %v, counted %v", c.name, c.got.Rat(), c.want)
		}
	}
	return nil
}

// countOut counts what becomes of units whose draws are the same before and after with a
// function for that. Of independent draws it counts the pairs of their slots.
func countOut(before, after *model.Program, now model.Millis, rules []int, sameDraws func(was, is [][]uint8, n int) []int64) counts {
	b, a := &before.Experiments[0], &after.Experiments[0]
	sameSlot := enrolSalt(before, b) == enrolSalt(after, a)
	sameVariant := b.Salt == a.Salt
	variants := newNumbers()
	was, is := naive(b, now, rules, variants), naive(a, now, rules, variants)

	// By number of the variant before and after.
	n := len(variants.keys)
	var free []int64
	if sameSlot && sameVariant {
		free = sameDraws(was, is, n)
	} else {
		free = countAnew(was, is, sameSlot, sameVariant, n)
	}
	neither, onlyBefore, onlyAfter := countHoldouts(before, after)
	c := counts{flows: map[[2]string]*big.Int{}, of: new(big.Int)}
	add := func(from, to string, ways, weight int64) {
		units := new(big.Int).Mul(big.NewInt(ways), big.NewInt(weight))
		c.of.Add(c.of, units)
		if c.flows[[2]string{from, to}] == nil {
			c.flows[[2]string{from, to}] = new(big.Int)
		}
		c.flows[[2]string{from, to}].Add(c.flows[[2]string{from, to}], units)
	}
	for from := range n {
		for to := range n {
			ways := free[from*n+to]
			add(variants.keys[from], variants.keys[to], ways, neither)
			add(fallback(b), variants.keys[to], ways, onlyBefore)
			add(variants.keys[from], fallback(a), ways, onlyAfter)
		}
	}
	return c
}

// countPairs decides each pair of slots on its own.
func countPairs(was, is [][]uint8, n int) []int64 {
	ways := make([]int64, n*n)
	for slot := range model.Slots {
		x, y := was[slot], is[slot]
		for v := range model.Slots {
			ways[int(x[v])*n+int(y[v])]++
		}
	}
	return ways
}

// countAlike does so once for all slots that are given the same.
func countAlike(was, is [][]uint8, n int) []int64 { return countAnew(was, is, true, true, n) }

// countAnew counts where one of the draws differs from the one before: of independent
// draws every pair of slots is as likely as any other.
func countAnew(was, is [][]uint8, sameSlot, sameVariant bool, n int) []int64 {
	kindsBefore, ofBefore := kinds(was)
	kindsAfter, ofAfter := kinds(is)
	slots := map[[2]int]int64{} // by kind of row before and after
	for x := range model.Slots {
		if sameSlot {
			slots[[2]int{ofBefore[x], ofAfter[x]}]++
		}
	}
	ways := make([]int64, n*n)
	for k, x := range kindsBefore {
		for l, y := range kindsAfter {
			count := slots[[2]int{k, l}]
			if !sameSlot {
				count = number(ofBefore, k) * number(ofAfter, l)
			}
			for v := range model.Slots {
				if sameVariant {
					ways[int(x[v])*n+int(y[v])] += count
				}
			}
			for from := range n {
				for to := range n {
					if !sameVariant {
						ways[from*n+to] += count * number(x, uint8(from)) * number(y, uint8(to))
					}
				}
			}
		}
	}
	return ways
}

// number is how often a value is in a list.
func number[T comparable](list []T, value T) int64 {
	n := int64(0)
	for _, v := range list {
		if v == value {
			n++
		}
	}
	return n
}

// kinds are the different rows, and the kind of each slot's row.
func kinds(rows [][]uint8) (different [][]uint8, of []int) {
	known := map[*uint8]int{}
	for _, row := range rows {
		k, ok := known[&row[0]]
		if !ok {
			k = len(different)
			known[&row[0]] = k
			different = append(different, row)
		}
		of = append(of, k)
	}
	return different, of
}

// numbers gives variants small numbers; 0 is none.
type numbers struct {
	keys  []string
	index map[string]uint8
}

func newNumbers() *numbers { return &numbers{[]string{""}, map[string]uint8{"": 0}} }

func (n *numbers) of(key string) uint8 {
	if _, ok := n.index[key]; !ok {
		n.index[key] = uint8(len(n.keys))
		n.keys = append(n.keys, key)
	}
	return n.index[key]
}

func fallback(e *model.Experiment) string {
	if e.Default == model.None {
		return ""
	}
	return e.Variants[e.Default].Key
}

func enrolSalt(p *model.Program, e *model.Experiment) string {
	if e.Layer != model.None {
		return p.Layers[e.Layer].Salt()
	}
	return e.Salt
}

// naive gives the variant of each slot and variant slot. Slots of one rule share a row.
func naive(e *model.Experiment, now model.Millis, rules []int, variants *numbers) [][]uint8 {
	row := func(variant func(v int) string) []uint8 {
		r := make([]uint8, model.Slots)
		for v := range r {
			r[v] = variants.of(variant(v))
		}
		return r
	}
	rest := row(func(int) string { return fallback(e) })
	byRule := make([][]uint8, len(e.Rules))
	for i, rule := range e.Rules {
		byRule[i] = row(func(v int) string {
			for _, share := range rule.Split {
				if v < share.To {
					return e.Variants[share.Variant].Key
				}
			}
			panic("the split has a gap")
		})
	}
	rows := make([][]uint8, model.Slots)
	for slot := range rows {
		rows[slot] = rest
		if e.Killed || e.Start != 0 && now < e.Start || e.End != 0 && now >= e.End {
			continue
		}
		for _, i := range rules {
			if i < len(e.Rules) && position(&e.Rules[i], slot) < naiveTraffic(&e.Rules[i], now) {
				rows[slot] = byRule[i]
				break
			}
		}
	}
	return rows
}

// position is the rank of a slot among those that a rule owns; beyond all if it is not.
func position(r *model.Rule, slot int) int {
	before := 0
	for _, owned := range r.Slots {
		if slot >= owned.From && slot < owned.To {
			return before + slot - owned.From
		}
		before += owned.To - owned.From
	}
	return model.Slots
}

func naiveTraffic(r *model.Rule, now model.Millis) int {
	for i := len(r.Ramp) - 1; i >= 0; i-- {
		if r.Ramp[i].At <= now {
			return r.Ramp[i].Traffic
		}
	}
	return r.Traffic
}

// countHoldouts counts the slots of up to two holdouts by who is held out when.
func countHoldouts(before, after *model.Program) (neither, onlyBefore, onlyAfter int64) {
	first, second := "", ""
	for _, p := range []*model.Program{before, after} {
		for _, h := range p.Experiments[0].Holdouts {
			switch salt := p.Holdouts[h].Salt(); {
			case first == "" || first == salt:
				first = salt
			default:
				second = salt
			}
		}
	}
	slots := func(p *model.Program, salt string) int {
		for _, h := range p.Experiments[0].Holdouts {
			if p.Holdouts[h].Salt() == salt {
				return p.Holdouts[h].Slots
			}
		}
		return 0
	}
	b0, b1 := slots(before, first), slots(before, second)
	a0, a1 := slots(after, first), slots(after, second)
	if b0+b1+a0+a1 == 0 {
		return 1, 0, 0
	}
	held := func(before, after int) map[[2]bool]int64 {
		slots := map[[2]bool]int64{}
		for x := range model.Slots {
			slots[[2]bool{x < before, x < after}]++
		}
		return slots
	}
	for x, n := range held(b0, a0) {
		for y, m := range held(b1, a1) {
			was, is := x[0] || y[0], x[1] || y[1]
			switch {
			case !was && !is:
				neither += n * m
			case was && !is:
				onlyBefore += n * m
			case is && !was:
				onlyAfter += n * m
			}
		}
	}
	return neither, onlyBefore, onlyAfter
}

// randomPrograms are an experiment or flag before and after a publish: mostly with the
// same draws.
func randomPrograms(rng *rand.Rand) (before, after *model.Program) {
	flag := rng.IntN(3) == 0
	make1 := func() *model.Program {
		p := &model.Program{Units: []string{"user"}, Layers: []model.Layer{{Key: "one"}, {Key: "two"}}}
		for _, key := range []string{"first", "second"} {
			p.Holdouts = append(p.Holdouts, model.Holdout{Key: key, Slots: rng.IntN(2_000)})
		}
		e := model.Experiment{Key: "x", Salt: "x", Layer: model.None, Default: model.None, Killed: rng.IntN(12) == 0}
		if rng.IntN(5) == 0 {
			e.Salt = "another"
		}
		for i := range 2 + rng.IntN(3) {
			e.Variants = append(e.Variants, model.Variant{Key: fmt.Sprintf("v%d", i)})
		}
		if rng.IntN(6) == 0 {
			e.Start = model.Millis(1 + rng.Int64N(30))
		}
		if rng.IntN(6) == 0 {
			e.End = model.Millis(40 + rng.Int64N(30))
		}
		count := 1
		if flag {
			e.Kind, e.Default, count = model.KindFlag, rng.IntN(len(e.Variants)), 1+rng.IntN(2)
		} else {
			e.Layer = rng.IntN(3) - 1
			for h := range 2 {
				if rng.IntN(3) == 0 {
					e.Holdouts = append(e.Holdouts, h)
				}
			}
		}
		for range count {
			e.Rules = append(e.Rules, randomRule(rng, len(e.Variants)))
		}
		p.Experiments = []model.Experiment{e}
		return p
	}
	before, after = make1(), make1()
	if rng.IntN(2) == 0 { // the usual change: of traffic or of weights
		was := before.Experiments[0]
		is := was
		is.Rules = []model.Rule{was.Rules[0]}
		changed := randomRule(rng, len(is.Variants))
		if rng.IntN(2) == 0 {
			is.Rules[0].Split = changed.Split
		} else {
			is.Rules[0].Traffic = rng.IntN(countRanges(is.Rules[0].Slots) + 1)
		}
		after.Experiments[0] = is
	}
	return before, after
}

func randomRule(rng *rand.Rand, variants int) model.Rule {
	var r model.Rule
	cuts := []int{0, 1 + rng.IntN(5_000), 5_001 + rng.IntN(4_000), model.Slots}
	for _, i := range rng.Perm(3)[:1+rng.IntN(3)] {
		r.Slots = append(r.Slots, model.Range{From: cuts[i], To: cuts[i+1]})
	}
	r.Traffic = rng.IntN(countRanges(r.Slots) + 1)
	for at := range model.Millis(rng.IntN(4)) {
		r.Ramp = append(r.Ramp, model.Step{At: 10 + 15*at, Traffic: rng.IntN(countRanges(r.Slots) + 1)})
	}
	to := 0
	for v := range variants {
		to += rng.IntN(model.Slots - to)
		if v == variants-1 {
			to = model.Slots
		}
		r.Split = append(r.Split, model.Share{To: to, Variant: rng.IntN(variants)})
	}
	return r
}
