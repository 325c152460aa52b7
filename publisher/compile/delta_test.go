package compile

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// TestOneExperimentMovesLittle changes one experiment of 10,000 and measures what a host
// fetches that has the payload before: the delta, and the manifest, which every revision
// has, whatever changed.
func TestOneExperimentMovesLittle(t *testing.T) {
	const (
		experiments = 10_000
		limit       = 2 << 10 // bytes
		middle      = experiments / 2
	)
	all := manyExperiments(experiments + 1)
	spare := all.Experiments[experiments]
	all.Experiments = all.Experiments[:experiments]
	live, err := Payload(all)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := seal(t, live)
	for _, c := range []struct {
		what   string
		change func(e []model.Experiment) []model.Experiment
	}{
		{"traffic", func(e []model.Experiment) []model.Experiment {
			e[middle].Rules[0].Traffic = 2_500
			return e
		}},
		{"weights", func(e []model.Experiment) []model.Experiment {
			e[middle].Rules[0].Split = []model.Share{{To: 3_000, Variant: 0}, {To: 5_000, Variant: 1}, {To: model.Slots, Variant: 1}}
			e[middle].Phase++
			return e
		}},
		{"a ramp", func(e []model.Experiment) []model.Experiment {
			e[middle].Rules[0].Ramp = []model.Step{{At: 1_800_000_000_000, Traffic: 100}, {At: 1_800_100_000_000, Traffic: model.Slots}}
			return e
		}},
		{"paused", func(e []model.Experiment) []model.Experiment {
			e[middle].Killed = true
			return e
		}},
		{"a configuration", func(e []model.Experiment) []model.Experiment {
			e[middle].Variants[1].Config = `{"enabled":true,"colour":"green","text":"Buy now"}`
			return e
		}},
		{"the audience of another", func(e []model.Experiment) []model.Experiment {
			e[middle].Rules[0].Audience = spare.Rules[0].Audience
			return e
		}},
		{"a value that no audience has", func(e []model.Experiment) []model.Experiment {
			e[middle].Rules[0].Audience = &model.Expr{Op: model.OpIn, Attr: 2, Strings: []string{"value_none_has"}}
			return e
		}},
		{"one more, in the middle", func(e []model.Experiment) []model.Experiment {
			more := spare
			more.Key, more.Salt = e[middle].Key+"_more", e[middle].Key+"_more"
			return slices.Insert(e, middle+1, more)
		}},
		{"one more, at the end", func(e []model.Experiment) []model.Experiment { return append(e, spare) }},
		{"one less", func(e []model.Experiment) []model.Experiment { return slices.Delete(e, middle, middle+1) }},
	} {
		p := *all
		p.Experiments = slices.Clone(all.Experiments)
		p.Experiments[middle].Rules = slices.Clone(p.Experiments[middle].Rules)
		p.Experiments[middle].Variants = slices.Clone(p.Experiments[middle].Variants)
		p.Experiments = c.change(p.Experiments)
		next, err := PayloadAfter(&p, readerOf(t, live))
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		delta, whole, manifest := fetch(t, before, next)
		t.Logf("%-30s %5d bytes by the delta, %d whole; the manifest has %d", c.what, delta, whole, manifest)
		if delta >= limit {
			t.Errorf("%s: the delta has %d bytes; the limit is %d", c.what, delta, limit)
		}
		if manifest >= limit {
			t.Errorf("%s: the manifest has %d bytes; the limit is %d", c.what, manifest, limit)
		}
	}
}

func seal(t *testing.T, raw []byte, earlier ...[]byte) (*bundle.Bundle, source) {
	t.Helper()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s, err := bundle.SealAfter(bundle.Manifest{
		Environment: "test", Epoch: 1, Revision: 1, Created: now, Expires: now.Add(time.Hour),
		MinimumSchema: payload.Schema, Core: bundle.CoreOf([]byte("core"), 1), Author: "ada@example.com", Message: "a change",
	}, raw, earlier, bundle.KeyFromSeed([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	objects := source{}
	for _, o := range s.Objects {
		objects[o.Name] = o.Data
	}
	return &bundle.Bundle{Manifest: s.Manifest, Envelope: s.Envelope, Payload: raw}, objects
}

// fetch publishes a payload after the live one, and returns how many bytes a host with
// that fetches, how many one without does, and how many the manifest has.
func fetch(t *testing.T, live *bundle.Bundle, next []byte) (delta, whole, manifest int64) {
	t.Helper()
	after, objects := seal(t, next, live.Payload)
	for at, size := range map[*bundle.Bundle]*int64{live: &delta, nil: &whole} {
		f, err := bundle.Fetch(context.Background(), objects, after.Manifest, "", at)
		if err != nil || f.DeltaErr != nil || !bytes.Equal(f.Payload, next) {
			t.Fatalf("fetch: %v", err)
		}
		if *size = f.Size; (f.Method == bundle.FetchDelta) != (at != nil) {
			t.Errorf("it came by %s", f.Method)
		}
	}
	return delta, whole, int64(len(after.Envelope))
}

// source is a bucket in memory.
type source map[string][]byte

func (s source) Get(_ context.Context, name, _ string, _ int64) (bundle.Object, error) {
	data, ok := s[name]
	if !ok {
		return bundle.Object{}, bundle.ErrNotFound
	}
	return bundle.Object{Data: data}, nil
}
