package publish

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// shared is a payload for some applications, each with flags of its own; the configuration
// tells it from others. Without any it is for one.
func shared(config int, applications ...string) Build {
	return func(*revision.Revision) (*Built, error) {
		p := &model.Program{Units: []string{"user"}, Applications: applications}
		for i := range 24 {
			flag := model.Experiment{
				Key: fmt.Sprintf("flag-%04d", i), Kind: model.KindFlag, Salt: "s", Layer: model.None, Phase: 1,
				Variants: []model.Variant{{Key: "on", Name: "on", Config: "true"}},
			}
			if n := len(applications); n > 0 && i > 0 {
				flag.Applications = []int{i % n}
			}
			p.Experiments = append(p.Experiments, flag)
		}
		p.Experiments[0].Variants[0].Config = fmt.Sprint(config)
		raw, err := compile.Payload(p)
		return &Built{Payload: raw}, err
	}
}

// mustServe checks which applications a revision has, and that each can fetch its own payload.
func mustServe(t *testing.T, p *Publication, l *revision.Revision, applications ...string) {
	t.Helper()
	var names []string
	for _, a := range l.Manifest.Applications {
		names = append(names, a.Name)
		got, err := bundle.Fetch(t.Context(), p.Store, l.Manifest, a.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := compile.ForApplication(l.Reader(), a.Name)
		if err != nil || !bytes.Equal(got.Payload, want) {
			t.Errorf("revision %d: another payload for %s: %v", l.Number(), a.Name, err)
		}
	}
	if !slices.Equal(names, applications) {
		t.Errorf("revision %d has the applications %q, want %q", l.Number(), names, applications)
	}
}

func TestApplications(t *testing.T) {
	p := newPublication(t, storetest.NewMemory(), 1)
	mustServe(t, p, do(t, p, audit.Publish, shared(1)))
	first := do(t, p, audit.Publish, shared(1, "ios", "web"))
	mustServe(t, p, first, "ios", "web")
	second := do(t, p, audit.Publish, shared(2, "ios", "web"))
	mustServe(t, p, second, "ios", "web")
	for i, a := range second.Manifest.Applications {
		before := first.Manifest.Applications[i].Payload.Raw.SHA256
		if len(a.Payload.Deltas) == 0 || a.Payload.Deltas[0].From != before {
			t.Errorf("%s has the deltas %v, want one from %s first", a.Name, a.Payload.Deltas, before)
		}
	}
	renewed := do(t, p, audit.Heartbeat, Renew(0, p.Now))
	if mustServe(t, p, renewed, "ios", "web"); !reflect.DeepEqual(renewed.Manifest.Applications, second.Manifest.Applications) {
		t.Error("a heartbeat has other payloads")
	}

	// A canary may bring an application; what ends a canary takes its hosts along.
	offered := do(t, p, audit.StartCanary, shared(3, "ios", "tv", "web"))
	mustServe(t, p, offered, "ios", "tv", "web")
	mustServe(t, p, offered.Stable, "ios", "web")
	aborted := do(t, p, audit.AbortCanary, AbortCanary)
	mustServe(t, p, aborted, "ios", "tv", "web")
	if own := aborted.Manifest.Applications[2].Payload.Raw; own != second.Manifest.Applications[1].Payload.Raw {
		t.Errorf("hosts of web that had %s get %s after the abort", second.Manifest.Applications[1].Payload.Raw.SHA256, own.SHA256)
	}
	mustServe(t, p, do(t, p, audit.Kill, func(live *revision.Revision) (*Built, error) {
		raw, _, err := compile.Patch(live.Payload, compile.Kill("flag-0000", now))
		return &Built{Payload: raw}, err
	}), "ios", "tv", "web")
	mustServe(t, p, do(t, p, audit.Rollback, func(*revision.Revision) (*Built, error) { return &Built{Payload: first.Payload}, nil }), "ios", "tv", "web")

	// The directory alone ends one.
	mustServe(t, p, do(t, p, audit.Publish, shared(4, "web")), "web")
	mustServe(t, p, do(t, p, audit.Publish, shared(5)))
}
