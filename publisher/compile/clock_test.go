package compile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

// day is nine o'clock of a day in March.
func day(n int) time.Time { return time.Date(2026, 3, n, 9, 0, 0, 0, time.UTC) }

// release is a project with a flag that goes to staff on the 2nd and to everybody from
// the 4th on, and a banner with a ramp of its own.
func release() *config.Project {
	p := storefront()
	p.Experiments[0].Enrolment = config.Enrolment{Ramp: []config.Step{{At: day(2), Traffic: 100}, {At: day(4), Traffic: 1_000}, {At: day(6), Traffic: 3_000}}}
	p.Flags[0].Rules[0].Enrolment = config.Enrolment{Ramp: []config.Step{{At: day(2), Traffic: 10_000}}}
	p.Flags[0].Rules[1].Enrolment = config.Enrolment{Ramp: []config.Step{{At: day(4), Traffic: 100}, {At: day(6), Traffic: 10_000}}}
	return p
}

// enrolment writes the rules of an experiment as people would.
func enrolment(e *model.Experiment) string {
	var rules []string
	for _, r := range e.Rules {
		text := config.Percent(r.Traffic).String()
		for _, s := range r.Ramp {
			text += fmt.Sprintf(", %s on %s", config.Percent(s.Traffic), s.At.Time().Format("2 15:04"))
		}
		rules = append(rules, text)
	}
	return strings.Join(rules, " | ")
}

func TestClocks(t *testing.T) {
	type step struct {
		do   Operation
		want string // the enrolment then, or the beginning of the error
	}
	for _, tt := range []struct {
		name, key string
		steps     []step
	}{
		{"paused and resumed, the rest comes later", "banner", []step{
			{PauseRamp("banner", day(3)), "1%"},
			{PauseRamp("banner", day(4)), "1%"},
			{ResumeRamp("banner", day(10)), "1%, 10% on 11 09:00, 30% on 13 09:00"},
			{PauseRamp("banner", day(12)), "10%"},
			{ResumeRamp("banner", day(12).Add(time.Hour)), "10%, 30% on 13 10:00"},
		}},
		{"paused before it begins", "banner", []step{
			{PauseRamp("banner", day(1)), "0%"},
			{ResumeRamp("banner", day(3)), "0%, 1% on 4 09:00, 10% on 6 09:00, 30% on 8 09:00"},
		}},
		{"jumps to the next step, and goes on from there", "banner", []step{
			{JumpRamp("banner", Target{}, day(3)), "10%, 30% on 5 09:00"},
			{JumpRamp("banner", Target{}, day(3)), "30%"},
			{JumpRamp("banner", Target{}, day(3)), `the ramp of "banner" has ended`},
		}},
		{"jumps back", "banner", []step{
			{JumpRamp("banner", Target{Step: 1}, day(5)), "1%, 10% on 7 09:00, 30% on 9 09:00"},
		}},
		{"jumps while it is paused", "banner", []step{
			{PauseRamp("banner", day(3)), "1%"},
			{JumpRamp("banner", Target{Traffic: 1_000}, day(3)), "10%"},
			{ResumeRamp("banner", day(8)), "10%, 30% on 10 09:00"},
		}},
		{"the rules of a flag go by one clock", "chat", []step{
			{PauseRamp("chat", day(3)), "100% | 0%"},
			{ResumeRamp("chat", day(4)), "100% | 0%, 1% on 5 09:00, 100% on 7 09:00"},
			{JumpRamp("chat", Target{Step: 2}, day(4)), "100% | 1%, 100% on 6 09:00"},
			{JumpRamp("chat", Target{Traffic: 10_000}, day(4)), `the ramp of "chat" comes to 100% more than once: give a number of its steps 1 to 100%, 2 to 1%, 3 to 100%`},
		}},
		{"what cannot be done", "banner", []step{
			{ResumeRamp("banner", day(3)), `the ramp of "banner" is not paused`},
			{PauseRamp("banner", day(6)), `the ramp of "banner" has ended: there is nothing to pause`},
			{JumpRamp("banner", Target{Step: 4}, day(3)), `the ramp of "banner" has no such step: its steps are 1 to 1%, 2 to 10%, 3 to 30%`},
			{JumpRamp("banner", Target{Traffic: 2_000}, day(3)), `the ramp of "banner" has no such step`},
			{PauseRamp("colour", day(3)), `"colour" has no ramp`},
			{PauseRamp("baner", day(3)), `"baner" is not live; did you mean "banner"?`},
			{Kill("nothing at all", day(3)), `"nothing at all" is not live; experiments and flags: banner, chat, colour, prices`},
			{UndoKill("banner"), `"banner" was not killed`},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustProgram(t, release(), nil)
			for i, s := range tt.steps {
				got := ""
				if err := s.do(p); err != nil {
					got = err.Error()
				} else {
					got = enrolment(p.Find(tt.key))
				}
				if got != s.want && !(strings.HasPrefix(got, s.want) && strings.Contains(s.want, "ramp of")) {
					t.Fatalf("step %d: %s, want %s", i+1, got, s.want)
				}
			}
		})
	}
}

// TestDirectoryEndsOperations changes the directory under operations.
func TestDirectoryEndsOperations(t *testing.T) {
	for _, tt := range []struct {
		name   string
		do     Operation
		change func(*config.Project)
		want   string // the enrolment of the banner
		kept   int    // operations
	}{
		{"a pause stays when the ramp changes", PauseRamp("banner", day(3)), func(p *config.Project) {
			p.Experiments[0].Ramp[2].At = day(20)
		}, "1%", 1},
		{"a clock that runs goes when the ramp changes", JumpRamp("banner", Target{}, day(3)), func(p *config.Project) {
			p.Experiments[0].Ramp[2].At = day(20)
		}, "0%, 1% on 2 09:00, 10% on 4 09:00, 30% on 20 09:00", 0},
		{"it stays when something else changes", JumpRamp("banner", Target{}, day(3)), func(p *config.Project) {
			p.Experiments[0].Audience = &model.Expr{Op: model.OpTrue}
		}, "10%, 30% on 5 09:00", 1},
		{"a pause goes with the ramp", PauseRamp("banner", day(3)), func(p *config.Project) {
			p.Experiments[0].Enrolment = config.Enrolment{Traffic: 500}
		}, "5%", 0},
		{"a pause goes with the experiment", PauseRamp("banner", day(3)), func(p *config.Project) {
			p.Experiments[0].Status = config.Stopped
		}, "", 0},
		{"a kill does not", Kill("banner", day(3)), func(p *config.Project) {
			p.Experiments[0].Status = config.Stopped
		}, "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			live := mustProgram(t, release(), nil)
			if err := tt.do(live); err != nil {
				t.Fatal(err)
			}
			p := release()
			tt.change(p)
			next := mustProgram(t, p, LedgerOf(live))
			got := ""
			if e := next.Find("banner"); e != nil {
				got = enrolment(e)
			}
			if kept := len(next.Ledger.Kills) + len(next.Ledger.Clocks); got != tt.want || kept != tt.kept {
				t.Errorf("%s, and %d operations; want %s, and %d", got, kept, tt.want, tt.kept)
			}
		})
	}
}

// TestKillOutlivesTheExperiment kills an experiment that then leaves and returns.
func TestKillOutlivesTheExperiment(t *testing.T) {
	p := storefront()
	live := mustProgram(t, p, nil)
	if err := Kill("banner", testNow)(live); err != nil {
		t.Fatal(err)
	}
	for _, status := range []config.Status{config.Stopped, config.Running, config.Paused} {
		p.Experiments[0].Status = status
		live = mustProgram(t, p, LedgerOf(live))
		if e := live.Find("banner"); e != nil && !e.Killed {
			t.Fatalf("%s: it assigns again", status)
		}
	}
	if err := UndoKill("banner")(live); err != nil || !live.Find("banner").Killed {
		t.Errorf("what the directory pauses runs once the kill is undone: %v", err)
	}
	if err := UndoKill("banner")(live); err == nil || !strings.Contains(err.Error(), "its status is paused") {
		t.Errorf("undone twice: %v", err)
	}
	p.Experiments[0].Status = config.Running
	if live = mustProgram(t, p, LedgerOf(live)); live.Find("banner").Killed {
		t.Error("it is killed still")
	}
}
