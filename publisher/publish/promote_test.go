package publish

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// TestContinues publishes in an environment what comes between a base and a promotion.
func TestContinues(t *testing.T) {
	heartbeat := step{audit.Heartbeat, Renew(0, func() time.Time { return now })}
	publish := step{audit.Publish, oneMore}
	base := func(revision uint64) *audit.Origin {
		o := &audit.Origin{Environment: "test", Revision: revision}
		if revision > 0 {
			o.Epoch = 1
		}
		return o
	}
	for _, tt := range []struct {
		name  string
		steps []step
		base  *audit.Origin
		want  string // of the error; empty for none
	}{
		{"nothing is live", nil, base(0), ""},
		{"nothing is live, and there is no base", nil, nil, ""},
		{"on what is live", []step{publish, publish}, base(2), ""},
		{"heartbeats since", []step{publish, publish, heartbeat, heartbeat}, base(2), ""},
		{"the rest of a canary since", []step{publish, {audit.StartCanary, oneMore}, {audit.PromoteCanary, PromoteCanary}}, base(2), ""},
		{"an abort of what it was built on", []step{publish, {audit.StartCanary, oneMore}, {audit.AbortCanary, AbortCanary}}, base(2), "revision 3, abort_canary by tester: test"},
		{"a canary since", []step{publish, {audit.StartCanary, oneMore}, {audit.PromoteCanary, PromoteCanary}}, base(1), "revision 2, start_canary by"},
		{"a publish since", []step{publish, publish}, base(1), "revision 2, publish by"},
		{"a kill under heartbeats", []step{publish, heartbeat, {audit.Kill, kill}, heartbeat}, base(1), "revision 3, kill by"},
		{"a rollback since", []step{publish, publish, {audit.Rollback, goBack}}, base(2), "revision 3, rollback by"},
		{"the first since", []step{publish}, base(0), "nothing was live"},
		{"no base", []step{publish}, nil, "not those of test"},
		{"a base elsewhere", []step{publish}, &audit.Origin{Environment: "other", Epoch: 1, Revision: 1}, "not those of test"},
		{"a base that the bucket does not have", []step{publish}, base(2), "does not count any more"},
		{"a base of an epoch that is over", []step{publish}, &audit.Origin{Environment: "test", Epoch: 2, Revision: 1}, "does not count any more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := storetest.NewMemory()
			for _, step := range tt.steps {
				mustPublish(t, step.on(t, s))
			}
			chain := bundle.NewChain(newPublication(t, s, 1).Root)
			live, err := revision.Live(t.Context(), s, chain, "test")
			if err != nil {
				t.Fatal(err)
			}
			err = CheckContinues(t.Context(), s, chain, "test", live, tt.base)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// TestPromote promotes from one bucket to another: the payload, the core and the payloads of
// the applications are the same objects, and the audit log says where they are from.
func TestPromote(t *testing.T) {
	staging, production := storetest.NewMemory(), storetest.NewMemory()
	p := newPublication(t, staging, 1)
	p.Environment, p.Build = "staging", with(oneMore, func(b *Built) { b.Base = OriginOf("test", nil) })
	mustPublish(t, p)
	live, err := revision.Live(t.Context(), staging, bundle.NewChain(p.Root), "staging")
	if err != nil {
		t.Fatal(err)
	}
	core := []byte("a core of another publisher")
	tested := &Tested{
		Core: bundle.CoreOf(core, 1), WASM: core,
		Applications: []bundle.Part{{Application: "ios", Payload: []byte("of ios")}, {Application: "web", Payload: []byte("of web")}},
	}
	target := newPublication(t, production, 2)
	target.Action = audit.Promote
	target.Build = func(*revision.Revision) (*Built, error) {
		return &Built{Payload: live.Payload, Declaration: []byte("declaration"), From: OriginOf("staging", live), Tested: tested}, nil
	}
	m := mustPublish(t, target)
	if m.Payload.Raw != live.Manifest.Payload.Raw || m.Core != tested.Core || m.Environment != "test" {
		t.Errorf("promoted %+v", m)
	}
	there, err := TestedWith(t.Context(), production, m)
	if err != nil {
		t.Fatal(err)
	}
	if string(there.WASM) != string(core) || len(there.Applications) != 2 || string(there.Applications[1].Payload) != "of web" {
		t.Errorf("hosts have %s, and for applications %+v", there.WASM, there.Applications)
	}
	entry, err := audit.ReadEntry(t.Context(), production, m)
	if err != nil {
		t.Fatal(err)
	}
	if r := entry.Leaf; r.Action != audit.Promote || *r.From != (audit.Origin{Environment: "staging", Epoch: 1, Revision: 1}) ||
		r.Base != nil || r.Declaration != bundle.HashOf([]byte("declaration")) || len(r.Withdrawn) != 0 {
		t.Errorf("the audit log says %+v", r)
	}
}

// TestBaseStays follows the base of a payload through what is done with it in its own
// environment: whatever is made of the payload continues the same.
func TestBaseStays(t *testing.T) {
	s := storetest.NewMemory()
	at := func(revision uint64) *audit.Origin {
		return &audit.Origin{Environment: "production", Epoch: 1, Revision: revision}
	}
	for i, tt := range []struct {
		step
		base, want *audit.Origin
	}{
		{step{audit.Publish, oneMore}, at(5), at(5)},
		{step{audit.Heartbeat, Renew(0, func() time.Time { return now })}, nil, at(5)},
		{step{audit.Kill, kill}, nil, at(5)},
		{step{audit.StartCanary, oneMore}, at(7), at(7)},
		{step{audit.AbortCanary, AbortCanary}, nil, at(5)},
		{step{audit.StartCanary, oneMore}, at(8), at(8)},
		{step{audit.PromoteCanary, PromoteCanary}, nil, at(8)},
	} {
		p := tt.on(t, s)
		if tt.base != nil {
			p.Build = with(tt.build, func(b *Built) { b.Base, b.Declaration = tt.base, []byte{byte(i)} })
		}
		entry, err := audit.ReadEntry(t.Context(), s, mustPublish(t, p))
		if err != nil {
			t.Fatal(err)
		}
		if !sameOrigin(entry.Leaf.Base, tt.want) {
			t.Errorf("%d, %s: the base is %+v, want %+v", i, tt.action, entry.Leaf.Base, tt.want)
		}
	}
}

// TestSamePayloadOnANewBase publishes a payload again because what it continues is another
// revision: or it could never be promoted.
func TestSamePayloadOnANewBase(t *testing.T) {
	p := newPublication(t, storetest.NewMemory(), 1)
	for i, want := range []struct {
		base      uint64
		published bool
	}{{1, true}, {1, false}, {2, true}, {2, false}} {
		p.Build = with(goBack, func(b *Built) {
			b.Declaration, b.Base = []byte("declaration"), &audit.Origin{Environment: "production", Epoch: 1, Revision: want.base}
		})
		if r, err := p.Publish(t.Context()); err != nil || r.Published != want.published {
			t.Errorf("%d: %+v, %v", i, r, err)
		}
	}
}
