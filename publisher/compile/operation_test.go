package compile

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// operator does to programs what people do, and keeps book of it in its own way.
type operator struct {
	program *model.Program // as it is without operations
	now     time.Time
	killed  map[string]bool
	stopped map[string]bool
	ahead   map[string]model.Millis // by how much the ramps are ahead of the time
}

func newOperator(p *model.Program, now time.Time) *operator {
	return &operator{p, now, map[string]bool{}, map[string]bool{}, map[string]model.Millis{}}
}

// wait lets time pass.
func (o *operator) wait(d time.Duration) {
	o.now = o.now.Add(d)
	for key := range o.stopped {
		o.ahead[key] -= model.Millis(d.Milliseconds())
	}
}

// rampTime is what the clock of an experiment shows, in milliseconds.
func (o *operator) rampTime(key string) model.Millis { return model.MillisOf(o.now) + o.ahead[key] }

// operate picks an operation, and says whether it is to be allowed.
func (o *operator) operate(pick func(n int) int) (operation Operation, allowed bool) {
	e := o.program.Experiments[pick(len(o.program.Experiments))]
	if ramps := ramped(o.program); len(ramps) > 0 && pick(4) > 0 {
		e = ramps[pick(len(ramps))]
	}
	var steps []model.Millis
	for _, r := range e.Rules {
		for _, s := range r.Ramp {
			steps = append(steps, s.At)
		}
	}
	slices.Sort(steps)
	steps = slices.Compact(steps)
	jump := func(at model.Millis) { o.ahead[e.Key] += at - o.rampTime(e.Key) }
	switch pick(6) {
	case 0:
		o.killed[e.Key] = true
		return Kill(e.Key, o.now), true
	case 1:
		allowed = o.killed[e.Key]
		delete(o.killed, e.Key)
		return UndoKill(e.Key), allowed
	case 2:
		if allowed = o.stopped[e.Key] || len(steps) > 0 && o.rampTime(e.Key) < slices.Max(steps); allowed {
			o.stopped[e.Key] = true
		}
		return PauseRamp(e.Key, o.now), allowed
	case 3:
		allowed = o.stopped[e.Key]
		delete(o.stopped, e.Key)
		return ResumeRamp(e.Key, o.now), allowed
	case 4:
		next := slices.IndexFunc(steps, func(at model.Millis) bool { return at > o.rampTime(e.Key) })
		if next >= 0 {
			jump(steps[next])
		}
		return JumpRamp(e.Key, Target{}, o.now), next >= 0
	default:
		step := 1 + pick(4)
		if step <= len(steps) {
			jump(steps[step-1])
		}
		return JumpRamp(e.Key, Target{Step: step}, o.now), step <= len(steps)
	}
}

// ramped are the experiments and flags that have a ramp.
func ramped(p *model.Program) []model.Experiment {
	return slices.DeleteFunc(slices.Clone(p.Experiments), func(e model.Experiment) bool { return rampsOf(&e) == nil })
}

// expected is the program as it must decide now.
func (o *operator) expected() *model.Program {
	p := *o.program
	p.Experiments = slices.Clone(p.Experiments)
	for i := range p.Experiments {
		e := &p.Experiments[i]
		e.Killed = e.Killed || o.killed[e.Key]
		e.Rules = slices.Clone(e.Rules)
		for j := range e.Rules {
			r := &e.Rules[j]
			for _, s := range r.Ramp {
				if s.At <= o.rampTime(e.Key) {
					r.Traffic = s.Traffic
				}
			}
			r.Ramp = nil
		}
	}
	return &p
}

// TestOperationsDecide carries out random operations on random programs, and decides
// requests with the native core on what comes of it and with the naive evaluator on what
// should have come of it.
func TestOperationsDecide(t *testing.T) {
	carriedOut, refused := 0, 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 9))
		p := progtest.Program(rng)
		p.Ledger = model.Ledger{}
		if len(p.Experiments) == 0 {
			continue
		}
		payload, err := Payload(p)
		if err != nil {
			t.Fatal(err)
		}
		o := newOperator(p, progtest.Noon.Add(-4*time.Millisecond))
		for range 20 {
			o.wait(time.Duration(rng.IntN(3)) * time.Millisecond)
			operation, allowed := o.operate(rng.IntN)
			patched, _, err := Patch(payload, operation)
			if allowed != (err == nil) {
				t.Fatalf("seed %d: allowed is %v, and the error %v", seed, allowed, err)
			}
			if err != nil {
				refused++
				continue
			}
			carriedOut++
			payload = patched
			o.wait(time.Duration(rng.IntN(2)) * time.Millisecond)
			compareDecisions(t, o, payload, rng)
		}
	}
	if carriedOut < 400 || refused < 200 {
		t.Errorf("%d operations were carried out, %d refused", carriedOut, refused)
	}
}

func compareDecisions(t *testing.T, o *operator, payload []byte, rng *rand.Rand) {
	t.Helper()
	engine, status := assign.Load(payload)
	if status != assign.OK {
		t.Fatal(status)
	}
	expected, names, built := o.expected(), progtest.Names(o.program), request.New()
	for range 10 {
		r := progtest.Request(rng, o.program)
		r.Now = o.now
		encoded, err := progtest.Fill(built, r).Encode(names)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range expected.Experiments {
			record, status := engine.AssignOne(encoded, uint32(i))
			if status != assign.OK {
				t.Fatal(status)
			}
			want := explain.Decide(expected, i, r)
			if reason := abi.Reason(record[6]); reason != want.Reason || int(record[7]) != max(want.Rule, 0) {
				t.Fatalf("%s: reason %s, rule %d; want %+v\nwithout operations: %+v", e.Key, reason, record[7], want, o.program.Experiments[i])
			}
		}
	}
}

// TestPublishKeepsOperations carries out random operations and publishes the directory
// after each. The directory compiles to the very bytes that the operation made.
func TestPublishKeepsOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		project := storefront()
		project.Experiments[0].Enrolment = drawEnrolment(t, 3_000)
		project.Experiments[1].Status = config.Paused
		project.Flags[0].Rules[0].Enrolment = drawEnrolment(t, 10_000)
		project.Flags[0].Rules[1].Enrolment = drawEnrolment(t, 10_000)
		o := newOperator(nil, firstStep.AddDate(0, 0, -1))
		payload, live := publishTest(t, project, nil, o.now)
		o.program = live
		for range rapid.IntRange(1, 8).Draw(t, "operations") {
			o.wait(time.Duration(rapid.IntRange(1, 40).Draw(t, "hours that pass")) * time.Hour)
			operation, allowed := o.operate(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "operation") })
			if !allowed {
				continue
			}
			patched, program, err := Patch(payload, operation)
			if err != nil {
				t.Fatal(err)
			}
			o.wait(time.Minute)
			again, compiled := publishTest(t, project, program, o.now)
			if !bytes.Equal(again, patched) {
				t.Fatalf("the operation makes\n%+v\nand the directory\n%+v", program, compiled)
			}
			payload = patched
		}
	})
}

func publishTest(t *rapid.T, p *config.Project, live *model.Program, now time.Time) ([]byte, *model.Program) {
	var ledger *Ledger
	if live != nil {
		ledger = LedgerOf(live)
	}
	program, err := Program(p, ledger, now)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := Payload(program)
	if err != nil {
		t.Fatal(err)
	}
	return payload, program
}
