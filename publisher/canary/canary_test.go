package canary

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/revision"
)

func live() *revision.Revision {
	m := &bundle.Manifest{Environment: "production", Epoch: 1, Revision: 7, Created: now, Canary: &bundle.Canary{
		Stable: 5, Salt: "canary-1-12", Share: 500,
	}}
	return &revision.Revision{Bundle: &bundle.Bundle{Manifest: m}, Stable: &revision.Revision{Bundle: &bundle.Bundle{Manifest: &bundle.Manifest{Revision: 5}}}}
}

func TestRead(t *testing.T) {
	s := storetest.NewMemory()
	at := time.Now()
	put := func(name string, change func(*hostreport.Stored)) {
		t.Helper()
		report := hostreport.Stored{Report: hostreport.Report{Host: name, Environment: "production"}, Received: model.MillisOf(at)}
		change(&report)
		data, err := report.Encode()
		if err == nil {
			err = s.Put(t.Context(), hostreport.Name(name), data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("edge-8", func(*hostreport.Stored) {})
	put("edge-24", func(r *hostreport.Stored) { r.Revision, r.Epoch = 6, 1 })
	put("silent", func(r *hostreport.Stored) { r.Received = model.MillisOf(at.Add(-2 * Silence)) })
	put("staging", func(r *hostreport.Stored) { r.Environment = "staging" })
	put("liar", func(r *hostreport.Stored) { r.Host = "edge-9" })
	for name, data := range map[string]string{
		"hosts/broken.json": "{", "hosts/note.txt": "hello", "hosts/endless.json": strings.Repeat(" ", hostreport.MaxSize+1),
	} {
		if err := s.Put(t.Context(), name, []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	state, err := Read(t.Context(), s, live(), at, at)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range state.Hosts {
		name := h.Host
		if h.InCanary {
			name += " canary"
		}
		if state.Serves(&h) {
			name += " serves"
		}
		got = append(got, name)
	}
	if want := "edge-24 canary serves, edge-8"; strings.Join(got, ", ") != want {
		t.Errorf("hosts %v, want %s", got, want)
	}
	if _, err := Read(t.Context(), s, nil, at, at); err != revision.ErrNoCanary {
		t.Errorf("without a revision: %v", err)
	}
}

func TestSplits(t *testing.T) {
	variants := []model.Variant{{Key: "control"}, {Key: "treatment"}}
	half := []model.Rule{{Split: []model.Share{{To: 5_000, Variant: 0}, {To: 10_000, Variant: 1}}}}
	p := &model.Program{Experiments: []model.Experiment{
		{Key: "even", Phase: 2, Variants: variants, Rules: half},
		{Key: "few", Phase: 1, Variants: variants, Rules: half},
		{Key: "flag", Kind: model.KindFlag, Phase: 1, Variants: variants, Rules: half},
		{Key: "odd", Phase: 1, Variants: variants, Rules: half},
		{Key: "unseen", Phase: 1, Variants: variants, Rules: half},
	}}
	got := Splits(p, []analysis.Exposed{
		{Experiment: "even", Phase: 1, Variant: "control", Units: 900}, // an earlier phase
		{Experiment: "even", Phase: 2, Variant: "control", Units: 510},
		{Experiment: "even", Phase: 2, Variant: "treatment", Units: 490},
		{Experiment: "few", Phase: 1, Variant: "control", Units: 9},
		{Experiment: "flag", Phase: 1, Variant: "control", Units: 900},
		{Experiment: "gone", Phase: 1, Variant: "control", Units: 900},
		{Experiment: "odd", Phase: 1, Variant: "treatment", Units: 300},
		{Experiment: "odd", Phase: 1, Variant: "control", Units: 700},
	})
	var keys []string
	for _, s := range got {
		keys = append(keys, s.Experiment)
	}
	if !reflect.DeepEqual(keys, []string{"even", "few", "odd"}) {
		t.Fatalf("experiments %v", keys)
	}
	if even, few, odd := got[0], got[1], got[2]; !even.Checked || even.P < 0.5 || few.Checked || !odd.Checked || odd.P > 1e-20 || odd.Units[1] != 300 {
		t.Errorf("%+v", got)
	}
}
