package control

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/revision"
	"github.com/sortition-dev/sortition/publisher/signer"
)

// clock is a clock that tests set.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

// shop makes a project with a key, whose bucket is a directory.
func shop(t *testing.T, c *clock) (string, *Workspace) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	if _, err := Init(dir); err != nil {
		t.Fatal(err)
	}
	w := open(dir, "", c)
	if _, err := w.Keygen(KeygenInput{}); err != nil {
		t.Fatal(err)
	}
	return dir, w
}

func open(dir, environment string, c *clock) *Workspace {
	return Open(dir, Options{
		Environment: environment, Author: "ann", Now: func() time.Time { return c.now },
		Signers: func(ctx context.Context, p *config.Project) ([]bundle.Signer, error) {
			var signers []bundle.Signer
			for _, name := range p.Keys {
				s, err := (&signer.Opener{}).Open(ctx, name)
				if err != nil {
					return nil, err
				}
				signers = append(signers, s)
			}
			return signers, nil
		},
	})
}

// must returns a function that returns the value of a call, or ends the test with its error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func edit(t *testing.T, path string, oldnew ...string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(oldnew...).Replace(string(text))
	if changed == string(text) {
		t.Fatalf("%s has none of %q", path, oldnew)
	}
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLifeOfAProject goes from a new project through every change of what is live.
func TestLifeOfAProject(t *testing.T) {
	c := newClock()
	dir, w := shop(t, c)
	ctx := t.Context()
	banner := filepath.Join(dir, "experiments", "welcome_banner.yaml")

	checked := must[*Checked](t)(w.Check(ctx))
	if len(checked.Problems) != 0 || checked.Project.Experiments != 1 || checked.Project.ExperimentStatuses[config.Running] != 1 {
		t.Errorf("check: %+v", checked)
	}
	if p := must[*plan.Plan](t)(w.Plan(ctx, PlanInput{})); !p.Changes || p.Revision != 0 {
		t.Errorf("plan: %+v", p)
	}
	first := must[*Published](t)(w.Publish(ctx, PublishInput{Signing: Signing{Message: "first"}}))
	if !first.Published || first.Revision != 1 || first.Experiments != 1 || first.Flags != 1 || !first.Expires.Equal(c.now.Add(DefaultValidity)) {
		t.Errorf("publish: %+v", first)
	}
	if again := must[*Published](t)(w.Publish(ctx, PublishInput{})); again.Published || again.Revision != 1 {
		t.Errorf("published what was live: %+v", again)
	}

	killed := must[*Operated](t)(w.Kill(ctx, OperateInput{Signing{Message: "errors"}, "welcome_banner"}))
	if !killed.Published || !killed.Killed || killed.Kind != "experiment" {
		t.Errorf("kill: %+v", killed)
	}
	edit(t, banner, "traffic: 50%", "traffic: 60%")
	second := must[*Published](t)(w.Publish(ctx, PublishInput{Signing: Signing{Message: "second"}}))
	if len(second.Kept) != 1 || second.Kept[0].Operation != "kill" {
		t.Errorf("a publish keeps a kill: %+v", second.Kept)
	}
	undone := must[*Operated](t)(w.UndoKill(ctx, OperateInput{Signing{Message: "fixed"}, "welcome_banner"}))
	if undone.Killed {
		t.Errorf("undo: %+v", undone)
	}

	back := must[*RolledBack](t)(w.Rollback(ctx, RollbackInput{Signing: Signing{Message: "slow"}, To: 1}))
	if back.To != 1 || back.Payload.Raw.SHA256 != first.Payload.Raw.SHA256 {
		t.Errorf("rollback: %+v", back)
	}
	c.now = c.now.Add(time.Hour)
	renewed := must[*Renewed](t)(w.Heartbeat(ctx, HeartbeatInput{}))
	if !renewed.Expires.Equal(c.now.Add(DefaultValidity)) {
		t.Errorf("heartbeat: %+v", renewed)
	}

	past := must[[]Past](t)(w.History(ctx, 0))
	var actions []string
	for _, x := range past {
		actions = append(actions, string(x.Action))
	}
	if got, want := strings.Join(actions, " "), "heartbeat rollback undo_kill publish kill publish"; got != want {
		t.Errorf("history: %s, want %s", got, want)
	}
	if x := past[3]; x.Message != "second" || x.Actor != "ann" || len(x.Changes) != 1 {
		t.Errorf("history of the second publish: %+v", x)
	}
	if limited := must[[]Past](t)(w.History(ctx, 2)); len(limited) != 2 {
		t.Errorf("history of 2: %d", len(limited))
	}
	if d := must[*plan.Plan](t)(w.Diff(ctx, 1, 3)); len(d.Experiments) != 1 {
		t.Errorf("diff: %+v", d)
	}
	verified := must[*Verified](t)(w.VerifyAudit(ctx, []audit.Head{first.Head}))
	if len(verified.Problems) != 0 || verified.Compared != 2 || *verified.Head != renewed.Head {
		t.Errorf("audit: %+v", verified)
	}
	if proof := must[*audit.Inclusion](t)(w.ProveRevision(ctx, 2)); proof.Leaf.Action != audit.Kill {
		t.Errorf("proof: %+v", proof)
	}
	if o := must[*Outline](t)(w.Outline()); len(o.Experiments) != 1 || len(o.Revisions) != 6 || o.Revisions[0] != 6 {
		t.Errorf("outline: %+v", o)
	}
}

// TestCanary offers a revision to some hosts, and ends that in each way.
func TestCanary(t *testing.T) {
	c := newClock()
	dir, w := shop(t, c)
	ctx := t.Context()
	must[*Published](t)(w.Publish(ctx, PublishInput{}))
	banner := filepath.Join(dir, "experiments", "welcome_banner.yaml")
	start := func(from, to string) *Published {
		edit(t, banner, "traffic: "+from, "traffic: "+to)
		return must[*Published](t)(w.Publish(ctx, PublishInput{Canary: &bundle.Canary{Share: 500}}))
	}
	if p := start("50%", "60%"); p.Canary == nil || p.Canary.Stable != 1 {
		t.Errorf("start: %+v", p)
	}
	if _, err := w.Publish(ctx, PublishInput{Force: true}); err == nil {
		t.Error("published during a canary")
	}
	if e := must[*CanaryEnded](t)(w.PromoteCanary(ctx, Signing{})); e.Ended != CanaryPromoted || e.Revision != 3 {
		t.Errorf("promote: %+v", e)
	}
	start("60%", "70%")
	if e := must[*CanaryEnded](t)(w.AbortCanary(ctx, Signing{})); e.Ended != CanaryAborted || e.Revision != 5 {
		t.Errorf("abort: %+v", e)
	}
	start("70%", "80%")
	if o := must[*Operated](t)(w.Kill(ctx, OperateInput{Signing{Message: "errors"}, "welcome_banner"})); o.EndedCanary != 6 || o.Stable != 5 {
		t.Errorf("a kill ends a canary: %+v", o)
	}
	if _, err := w.Canary(ctx, CanaryInput{}); !errors.Is(err, revision.ErrNoCanary) {
		t.Errorf("state of no canary: %v", err)
	}
}

// TestRefusals holds what stops a publication, and that nothing is published then.
func TestRefusals(t *testing.T) {
	c := newClock()
	dir, w := shop(t, c)
	ctx := t.Context()
	var asked *plan.Plan
	_, err := w.Publish(ctx, PublishInput{Approval: Approval{Approve: func(_ context.Context, p *plan.Plan) (bool, error) {
		asked = p
		return false, nil
	}}})
	if r, ok := errors.AsType[*Refused](err); !ok || !r.Declined || r.Plan != asked {
		t.Errorf("declined: %v", err)
	}
	must[*Published](t)(w.Publish(ctx, PublishInput{}))

	edit(t, filepath.Join(dir, "sortition.yaml"), "affected: 50%", "affected: 1%")
	edit(t, filepath.Join(dir, "experiments", "welcome_banner.yaml"), "traffic: 50%", "traffic: 60%")
	_, err = w.Publish(ctx, PublishInput{})
	if r, ok := errors.AsType[*Refused](err); !ok || len(r.Gates) != 1 || r.Gates[0].Gate != "affected" {
		t.Errorf("a gate: %v", err)
	}
	must[*Published](t)(w.Publish(ctx, PublishInput{Approval: Approval{Overrides: []string{"affected"}, Reason: "small"}}))
	if x := must[[]Past](t)(w.History(ctx, 1))[0]; len(x.Overrides) != 1 || x.Overrides[0] != "affected: small" {
		t.Errorf("overridden: %+v", x)
	}

	edit(t, filepath.Join(dir, "flags", "new_menu.yaml"), "key: new_menu #", "tests: [{unit: u, variant: on, at: 2026-01-01T00:00:00Z}]\noverrides: {off: [u]}\nkey: new_menu #")
	_, err = w.Publish(ctx, PublishInput{Force: true})
	if r, ok := errors.AsType[*Refused](err); !ok || r.Tests == nil || r.Tests.Failed != 1 {
		t.Errorf("a test: %v", err)
	}
	if past := must[[]Past](t)(w.History(ctx, 0)); len(past) != 2 {
		t.Errorf("%d revisions, want 2", len(past))
	}
}

// TestInvalid holds that wrong input is told from failure, by its field.
func TestInvalid(t *testing.T) {
	c := newClock()
	_, w := shop(t, c)
	ctx := t.Context()
	if _, err := w.Kill(ctx, OperateInput{Signing{Message: "m"}, "welcome_banner"}); err == nil || isInvalid(err, "") {
		t.Errorf("a kill before the first publish: %v", err)
	}
	must[*Published](t)(w.Publish(ctx, PublishInput{}))
	for _, tt := range []struct {
		field string
		call  func() error
	}{
		{"validity", func() error {
			_, err := w.Publish(ctx, PublishInput{Signing: Signing{Validity: time.Millisecond}})
			return err
		}},
		{"overrides", func() error {
			_, err := w.Publish(ctx, PublishInput{Approval: Approval{Overrides: []string{"afected"}, Reason: "r"}})
			return err
		}},
		{"reason", func() error {
			_, err := w.Publish(ctx, PublishInput{Approval: Approval{Overrides: []string{"affected"}}})
			return err
		}},
		{"per_day", func() error { _, err := w.Plan(ctx, PlanInput{PerDay: -1}); return err }},
		{"message", func() error { _, err := w.Kill(ctx, OperateInput{Key: "welcome_banner"}); return err }},
		{"message", func() error { _, err := w.Rollback(ctx, RollbackInput{To: 1}); return err }},
		{"to", func() error {
			_, err := w.Rollback(ctx, RollbackInput{Signing: Signing{Message: "m"}, To: 1})
			return err
		}},
		{"limit", func() error { _, err := w.History(ctx, -1); return err }},
		{"within", func() error { _, err := w.Heartbeat(ctx, HeartbeatInput{Within: -time.Second}); return err }},
		{"from", func() error { _, err := w.Promote(ctx, PromoteInput{}); return err }},
		{"from", func() error { _, err := w.Promote(ctx, PromoteInput{From: "production"}); return err }},
		{"run", func() error { _, err := w.Test(ctx, TestInput{Run: "("}); return err }},
		{"units", func() error { _, err := w.Explain(ctx, ExplainInput{Units: map[string]string{"usr": "u"}}); return err }},
		{"attributes", func() error {
			_, err := w.Explain(ctx, ExplainInput{Attributes: map[string]string{"orders": "many"}})
			return err
		}},
		{"", func() error { _, err := w.Explain(ctx, ExplainInput{Keys: []string{"welcome_baner"}}); return err }},
		{"phase", func() error { _, err := w.Results(ctx, ResultsInput{Phase: 1}); return err }},
		{"every", func() error { return w.FollowCanary(ctx, CanaryInput{}, 0, nil) }},
	} {
		if err := tt.call(); !isInvalid(err, tt.field) {
			t.Errorf("want an invalid %q, got %v", tt.field, err)
		}
	}
	if _, err := w.Results(ctx, ResultsInput{}); !errors.Is(err, ErrNoEngine) {
		t.Errorf("results without an engine: %v", err)
	}
	if _, err := Open(w.dir, Options{}).Publish(ctx, PublishInput{}); !errors.Is(err, ErrNoKeys) {
		t.Errorf("publish without keys: %v", err)
	}
}

func isInvalid(err error, field string) bool {
	e, ok := errors.AsType[*Invalid](err)
	return ok && e.Field == field
}

// TestExplainTestSimulate runs the use cases that decide on made-up requests.
func TestExplainTestSimulate(t *testing.T) {
	_, w := shop(t, newClock())
	ctx := t.Context()
	explained, err := w.Explain(ctx, ExplainInput{
		Keys: []string{"welcome_banner"}, Units: map[string]string{"user": "qa-1"}, Attributes: map[string]string{"country": "US", "orders": "0"},
	})
	if err != nil || len(explained) != 1 {
		t.Fatalf("explain: %v, %v", explained, err)
	}
	tested := must[*Tested](t)(w.Test(ctx, TestInput{}))
	if tested.Passed != len(tested.Tests) || tested.Failed != 0 {
		t.Errorf("test: %+v", tested)
	}
	effect := config.Percent(0)
	simulated := must[*Simulated](t)(w.Simulate(ctx, SimulateInput{Units: 200, Runs: 3, Seed: 1, Effect: &effect}))
	if len(simulated.Experiments) != 1 {
		t.Errorf("simulate: %+v", simulated)
	}
}
