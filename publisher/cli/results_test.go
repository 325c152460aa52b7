package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/declaration"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

const resultsProject = `environment: test
bucket: bucket
units: [user]
metrics:
  purchase: {event: purchase, kind: conversion}
  revenue: {event: purchase, kind: mean, value: amount}
`

// resultsExperiment is the file of the experiment "button".
func resultsExperiment(status, weights string) string {
	control, green, _ := strings.Cut(weights, "/")
	return fmt.Sprintf(`key: button
name: Green button
owner: shop
hypothesis: A green button is clicked more often.
status: %s
variants:
  - {key: control, weight: %s%%}
  - {key: green, weight: %s%%}
metrics: {primary: purchase, guardrails: [revenue]}
`, status, control, green)
}

const otherExperiment = `key: other
owner: shop
hypothesis: Another one helps.
status: running
variants:
  - {key: control, weight: 50%}
  - {key: other, weight: 50%}
metrics: {primary: purchase}
`

// resultsSite is a project directory with its bucket.
type resultsSite struct {
	t   *testing.T
	dir string
	key *bundle.PrivateKey
}

func newResultsSite(t *testing.T) *resultsSite {
	s := &resultsSite{t: t, dir: t.TempDir(), key: bundle.KeyFromSeed([32]byte{9})}
	s.write(config.ProjectFile, resultsProject)
	s.write("experiments/other.yaml", otherExperiment)
	s.write("experiments/button.yaml", resultsExperiment("running", "50/50"))
	holder := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{s.key.Public()}}
	now := time.Now()
	root, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.AddDate(1, 0, 0), holder, holder), s.key)
	if err != nil {
		t.Fatal(err)
	}
	s.write(config.DefaultRoot, string(root))
	return s
}

func (s *resultsSite) write(name, content string) {
	s.t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *resultsSite) publish() {
	s.t.Helper()
	project, problems := config.Load(s.dir)
	if err := problems.Err(); err != nil {
		s.t.Fatal(err)
	}
	signed, err := os.ReadFile(project.Root)
	if err != nil {
		s.t.Fatal(err)
	}
	root, err := bundle.ParseRoot(signed)
	if err != nil {
		s.t.Fatal(err)
	}
	told, err := declaration.Of(project).Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	p := publish.Publication{
		Store: s.bucket(), Root: root, RootEnvelope: signed, Signers: []bundle.Signer{s.key},
		Environment: project.Environment, Validity: time.Hour, Now: time.Now,
		Build: func(live *revision.Revision) (*publish.Built, error) {
			program, err := compile.Program(project, live.Ledger(), time.Now())
			if err != nil {
				return nil, err
			}
			raw, err := compile.Payload(program)
			return &publish.Built{Payload: raw, Declaration: told}, err
		},
	}
	if _, err := p.Publish(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *resultsSite) bucket() store.Store {
	s.t.Helper()
	bucket, err := store.Open(context.Background(), filepath.Join(s.dir, "bucket"))
	if err != nil {
		s.t.Fatal(err)
	}
	return bucket
}

// collect stores what a collector would of an experiment whose variants get as many
// units each, and of which one in so many purchases.
func (s *resultsSite) collect(file string, experiment string, phase, units int, oneIn map[string]int) {
	s.t.Helper()
	var exposures []event.StoredExposure
	var outcomes []event.StoredOutcome
	for variant, n := range oneIn {
		for i := range units {
			unit := fmt.Sprintf("%s-%s-%d-%d", experiment, variant, phase, i)
			exposures = append(exposures, event.StoredExposure{
				Source: file, Boot: "1", Seq: uint64(len(exposures) + 1), Time: event.Millis(i), Experiment: experiment,
				Variant: variant, Phase: int32(phase), Unit: "user", UnitHash: unit, Revision: 1,
			})
			if i%n == 0 {
				outcomes = append(outcomes, event.StoredOutcome{
					ID: unit, Time: event.Millis(i + 1), Event: "purchase", Unit: "user", UnitHash: unit,
					Properties: fmt.Sprintf(`{"amount": %d}`, 10+i%5),
				})
			}
		}
	}
	partition := time.Now().UTC().Format(event.PartitionLayout) + file + ".parquet"
	putRows(s, event.ExposuresPrefix+partition, exposures)
	putRows(s, event.OutcomesPrefix+partition, outcomes)
}

func putRows[Row any](s *resultsSite, name string, rows []Row) {
	s.t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		s.t.Fatal(err)
	}
	if err := s.bucket().Put(context.Background(), name, b.Bytes()); err != nil {
		s.t.Fatal(err)
	}
}

// results runs the command.
func (s *resultsSite) results(args ...string) (string, error) {
	n := 0
	for n < len(args) && !strings.HasPrefix(args[n], "-") {
		n++
	}
	all := slices.Concat([]string{"results"}, args[:n], []string{s.dir, "--cache", filepath.Join(s.dir, "cache")}, args[n:])
	var out, problems bytes.Buffer
	if status := Run(context.Background(), all, nil, &out, &problems); status != statusOK {
		return "", fmt.Errorf("exit status %d: %s", status, problems.String())
	}
	return out.String(), nil
}

// resultsDocument is what the tests look at of the JSON form.
type resultsDocument struct {
	Results []struct {
		Experiment string
		Phase      int
		Variants   []struct {
			Key     string
			Units   int
			Weight  float64
			Control bool
		}
		Recommendation struct{ Rule, Variant string }
	}
}

func (s *resultsSite) json(args ...string) resultsDocument {
	s.t.Helper()
	out, err := s.results(append(args, "--format", "json")...)
	if err != nil {
		s.t.Fatal(err)
	}
	var d resultsDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		s.t.Fatalf("%v in %s", err, out)
	}
	return d
}

func TestResults(t *testing.T) {
	s := newResultsSite(t)
	if _, err := s.results(); err == nil || !strings.Contains(err.Error(), "nothing has been published") {
		t.Errorf("before the first publish: %v", err)
	}
	s.publish()
	if d := s.json("button"); len(d.Results) != 1 || d.Results[0].Recommendation.Rule != "no_data" {
		t.Errorf("before the first event: %+v", d)
	}

	s.collect("a", "button", 1, 1000, map[string]int{"control": 10, "green": 5})
	out, err := s.results("button")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"button · Green button", "Recommendation: SHIP green (rule ship)", "20.00 %"} {
		if !strings.Contains(out, part) {
			t.Errorf("no %q in\n%s", part, out)
		}
	}
	d := s.json()
	if len(d.Results) != 2 || d.Results[0].Experiment != "button" || d.Results[1].Recommendation.Rule != "no_data" {
		t.Errorf("all experiments: %+v", d)
	}

	// A change of weights begins a new phase; the one before stays readable with its own.
	s.write("experiments/button.yaml", resultsExperiment("running", "75/25"))
	s.publish()
	s.collect("b", "button", 2, 500, map[string]int{"control": 10, "green": 10})
	d = s.json("button")
	if r := d.Results[0]; r.Phase != 2 || r.Variants[0].Weight != 0.75 || r.Variants[0].Units != 500 || r.Recommendation.Rule != "srm" {
		t.Errorf("the newest phase: %+v", r)
	}
	d = s.json("button", "--phase", "1")
	if r := d.Results[0]; r.Phase != 1 || r.Variants[0].Weight != 0.5 || r.Variants[0].Units != 1000 || r.Recommendation.Variant != "green" {
		t.Errorf("the phase before: %+v", r)
	}

	// A stopped experiment is read as it last was.
	s.write("experiments/button.yaml", resultsExperiment("stopped", "75/25"))
	s.publish()
	if d := s.json(); len(d.Results) != 1 || d.Results[0].Experiment != "other" {
		t.Errorf("what is live: %+v", d)
	}
	if r := s.json("button").Results[0]; r.Phase != 2 || !r.Variants[0].Control || r.Variants[1].Control {
		t.Errorf("what was stopped: %+v", r)
	}
}

func TestResultsSQL(t *testing.T) {
	s := newResultsSite(t)
	s.publish()
	out, err := s.results("--sql")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out, ";\n"); n != 3 {
		t.Errorf("%d statements, want completeness and two experiments:\n%s", n, out)
	}
	if !strings.Contains(out, filepath.Join(s.dir, "cache", "events", "exposures", "*", "*", "*.parquet")) {
		t.Errorf("no glob of the cached files in\n%s", out)
	}
}

func TestResultsErrors(t *testing.T) {
	s := newResultsSite(t)
	s.publish()
	for _, c := range []struct {
		args    []string
		message string
	}{
		{[]string{"--format", "yaml"}, "use text or json"},
		{[]string{"--phase", "1"}, "--phase: name one experiment"},
		{[]string{"buton"}, `no experiment "buton"`},
		{[]string{"button", "--phase", "7"}, "phase 7 of button"},
	} {
		if _, err := s.results(c.args...); err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%v: got %v, want %q", c.args, err, c.message)
		}
	}
}
