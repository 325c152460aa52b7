package progtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/request"
)

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// TestProgramsAreValid checks what the model's documentation promises of a program.
func TestProgramsAreValid(t *testing.T) {
	for seed := range uint64(300) {
		p := Program(seeded(seed))
		if !slices.IsSortedFunc(p.Experiments, func(a, b model.Experiment) int { return cmp.Compare(a.Key, b.Key) }) {
			t.Fatalf("seed %d: experiments are not sorted", seed)
		}
		if !slices.IsSorted(p.OptOut) || len(p.OptOut) > len(p.Segments) {
			t.Fatalf("seed %d: opt-out lists %v of %d segments", seed, p.OptOut, len(p.Segments))
		}
		depths(p) // does not end if there is a cycle
		var owned [maxLayers][model.Slots]bool
		for _, e := range p.Experiments {
			if err := checkExperiment(p, &e); err != nil {
				t.Fatalf("seed %d: %s: %v", seed, e.Key, err)
			}
			if e.Layer == model.None {
				continue
			}
			for _, r := range e.Rules[0].Slots {
				for s := r.From; s < r.To; s++ {
					if owned[e.Layer][s] {
						t.Fatalf("seed %d: %s: slot %d has two owners", seed, e.Key, s)
					}
					owned[e.Layer][s] = true
				}
			}
		}
	}
}

func checkExperiment(p *model.Program, e *model.Experiment) error {
	if (e.Kind == model.KindFlag) != (e.Default != model.None) {
		return fmt.Errorf("a %s with default %d", e.Kind, e.Default)
	}
	if e.Kind == model.KindExperiment && len(e.Rules) != 1 {
		return fmt.Errorf("%d rules", len(e.Rules))
	}
	for i := 1; i < len(e.Overrides); i++ {
		if e.Overrides[i-1].Hash >= e.Overrides[i].Hash {
			return fmt.Errorf("overrides are not ascending: %v", e.Overrides)
		}
	}
	if !slices.IsSorted(e.Holdouts) || e.Kind == model.KindFlag && e.Holdouts != nil {
		return fmt.Errorf("a %s with holdouts %v", e.Kind, e.Holdouts)
	}
	for _, q := range e.Prerequisites {
		if len(q.Variants) == 0 || !slices.IsSorted(q.Variants) ||
			slices.Max(q.Variants) >= len(p.Experiments[q.Experiment].Variants) {
			return fmt.Errorf("prerequisite %+v", q)
		}
	}
	for _, r := range e.Rules {
		sum, from := 0, 0
		for _, s := range r.Slots {
			sum += s.To - s.From
		}
		if r.Traffic > sum {
			return fmt.Errorf("traffic %d of %d slots", r.Traffic, sum)
		}
		for i, s := range r.Ramp {
			if s.Traffic < 0 || s.Traffic > sum || i > 0 && s.At <= r.Ramp[i-1].At || len(r.Ramp) > model.MaxRampSteps {
				return fmt.Errorf("ramp %v of %d slots", r.Ramp, sum)
			}
		}
		for _, s := range r.Split {
			if s.To <= from || s.Variant >= len(e.Variants) {
				return fmt.Errorf("split %v", r.Split)
			}
			from = s.To
		}
		if from != model.Slots {
			return fmt.Errorf("the split ends at %d", from)
		}
		if err := checkExpr(p, r.Audience); err != nil {
			return err
		}
	}
	return nil
}

// depths is the length of the longest chain of prerequisites from each experiment.
func depths(p *model.Program) []int {
	var depth func(i int) int
	depth = func(i int) int {
		d := 0
		for _, q := range p.Experiments[i].Prerequisites {
			d = max(d, 1+depth(q.Experiment))
		}
		return d
	}
	list := make([]int, len(p.Experiments))
	for i := range list {
		list[i] = depth(i)
	}
	return list
}

func checkExpr(p *model.Program, e *model.Expr) error {
	if e == nil {
		return nil
	}
	for _, arg := range e.Args {
		if err := checkExpr(p, arg); err != nil {
			return err
		}
	}
	if !slices.IsSorted(e.Strings) || len(slices.Compact(slices.Clone(e.Strings))) != len(e.Strings) {
		return fmt.Errorf("strings %q", e.Strings)
	}
	if slices.Contains([]model.Op{model.OpEqual, model.OpLess, model.OpLessEq}, e.Op) &&
		p.Attributes[e.Attr].Type == model.Version && e.Value.Version == "" {
		return fmt.Errorf("no key for version %q", e.Value.Text)
	}
	if slices.Contains([]model.Op{model.OpSame, model.OpBefore, model.OpBeforeEq}, e.Op) {
		a, b := p.Attributes[e.Attr].Type, p.Attributes[e.Other].Type
		if a != b || a == model.Bool || a == model.StringList || a == model.String && e.Op != model.OpSame {
			return fmt.Errorf("operator %d on a %s and a %s", e.Op, a, b)
		}
	}
	return nil
}

func TestSameSeedSameResult(t *testing.T) {
	for seed := range uint64(20) {
		a, b := seeded(seed), seeded(seed)
		p, q := Program(a), Program(b)
		if !reflect.DeepEqual(p, q) {
			t.Fatalf("seed %d: the programs differ", seed)
		}
		// NaN is not equal to itself; its text is.
		if r, s := fmt.Sprint(Request(a, p)), fmt.Sprint(Request(b, q)); r != s {
			t.Fatalf("seed %d: the requests differ:\n%s\n%s", seed, r, s)
		}
	}
}

// TestEveryOutcomeOccurs guards the generator against drifting into a corner where a
// differential test proves nothing.
func TestEveryOutcomeOccurs(t *testing.T) {
	reasons := map[abi.Reason]int{}
	results := map[string]int{}
	ops := map[model.Op]bool{}
	wide, deepest, ramps := false, 0, 0
	for seed := range uint64(150) {
		rng := seeded(seed)
		p := Program(rng)
		wide = wide || len(p.Experiments) > 64
		deepest = slices.Max(append(depths(p), deepest))
		for _, e := range p.Experiments {
			for _, rule := range e.Rules {
				ramps += len(rule.Ramp)
				collect(rule.Audience, ops)
			}
		}
		for range 20 {
			for _, x := range explain.All(p, Request(rng, p)) {
				reasons[x.Reason]++
				for _, s := range x.Steps {
					for _, test := range s.Tests {
						results[test.Result.String()]++
					}
				}
			}
		}
	}
	for r := abi.ReasonNoUnit; r <= abi.ReasonDefault; r++ {
		if reasons[r] < 20 {
			t.Errorf("reason %s occurs %d times: %v", r, reasons[r], reasons)
		}
	}
	for _, result := range []string{"true", "false", "unknown"} {
		if results[result] < 1_000 {
			t.Errorf("results: %v", results)
		}
	}
	for op := model.OpAnd; op <= model.OpElapsed; op++ {
		if !ops[op] {
			t.Errorf("operator %d does not occur", op)
		}
	}
	if deepest != model.MaxPrerequisiteDepth {
		t.Errorf("the longest chain of prerequisites has %d links", deepest)
	}
	if ramps < 100 {
		t.Errorf("%d steps of ramps", ramps)
	}
	if !wide {
		t.Error("no program has more than 64 experiments")
	}
}

func collect(e *model.Expr, ops map[model.Op]bool) {
	if e == nil {
		return
	}
	ops[e.Op] = true
	for _, arg := range e.Args {
		collect(arg, ops)
	}
}

func TestFillStaysWithinLimits(t *testing.T) {
	rng := seeded(1)
	dst := request.New()
	for range 50 {
		p := Program(rng)
		for range 20 {
			if _, err := Fill(dst, Request(rng, p)).Encode(Names(p)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// BenchmarkPair is one (program, request, all experiments) triple of a differential
// test, as the oracle's side sees it.
func BenchmarkPair(b *testing.B) {
	rng := seeded(1)
	var p *model.Program
	for i := 0; b.Loop(); i++ {
		if i%200 == 0 {
			p = Program(rng)
		}
		r := Request(rng, p)
		for i := range p.Experiments {
			explain.Decide(p, i, r)
		}
	}
}
