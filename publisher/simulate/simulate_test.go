package simulate

import (
	"context"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/stats"
	"github.com/sortition-dev/sortition/publisher/config"
)

// project has an experiment that nobody could enter as it is: paused, ended, for an
// audience that no unit matches, in half of a layer, with a tenth held out.
func project(variants ...config.Variant) *config.Project {
	return &config.Project{
		Units: []string{"user"}, Attributes: []model.Attribute{{Name: "country", Type: model.String}},
		Layers: []config.Layer{{Key: "layer"}}, Holdout: &config.Holdout{Traffic: 1_000},
		Experiments: []*config.Experiment{{
			Key: "test", Status: config.Paused, Holdout: true, Salt: "test", Variants: variants,
			Enrolment: config.Enrolment{Ramp: []config.Step{{At: time.Now().AddDate(1, 0, 0), Traffic: 5_000}}},
			End:       time.Now().AddDate(-1, 0, 0),
		}},
	}
}

func simulation(t *testing.T, m analysis.Metric, variants ...config.Variant) *Simulation {
	t.Helper()
	s, err := New(project(variants...), "test", nil, time.Now(), func(p *model.Program, e *model.Experiment) (*analysis.Experiment, error) {
		x := &analysis.Experiment{Key: e.Key, Unit: "user", Phase: e.Phase, Primary: m}
		for i, v := range variants {
			x.Variants = append(x.Variants, analysis.Variant{Key: v.Key, Weight: v.Weight.Slots(), Control: i == 0})
		}
		return x, x.Validate()
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	purchase = analysis.Metric{Key: "purchase", Event: "purchase", Kind: analysis.Conversion, Goal: analysis.Increase}
	latency  = analysis.Metric{Key: "latency", Event: "page", Kind: analysis.Mean, Value: "ms", Goal: analysis.Decrease}
)

// TestPower holds the simulation against the formula: as many units as detect an effect
// with a power of 80 % do so in about 80 % of the runs.
func TestPower(t *testing.T) {
	design := stats.Design{Control: 0.5, Treatment: 0.5, Alpha: 0.05, Power: 0.8}
	rates, _ := design.UnitsForRates(0.2, 0.24)
	means, _ := design.UnitsForMeans(100, 90, 60)
	for _, test := range []struct {
		metric   analysis.Metric
		needed   float64
		baseline config.Baseline
		effect   config.Percent
	}{
		{purchase, rates, config.Baseline{Mean: 0.2}, 2_000},
		{latency, means, config.Baseline{Mean: 100, Deviation: 60}, 1_000},
	} {
		t.Run(test.metric.Key, func(t *testing.T) {
			s := simulation(t, test.metric, config.Variant{Key: "control", Weight: 5_000}, config.Variant{Key: "green", Weight: 5_000})
			const enrolled = 0.9 * 0.5 // not held out, and in the experiment's half of the layer
			o := Options{Units: int(test.needed / enrolled), Runs: 200, Seed: 7, Baseline: test.baseline, Effect: test.effect}
			calls := 0
			o.Progress = func(int) { calls++ }
			r, err := s.Run(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(r.Enrolled/test.needed-1) > 0.02 {
				t.Errorf("%g units take part, and %g should", r.Enrolled, test.needed)
			}
			if len(r.Power) != 1 || r.Power[0].Variant != "green" || r.Power[0].Found.Low > 0.8 || r.Power[0].Found.High < 0.8 {
				t.Errorf("power %+v, want 80 %%", r.Power)
			}
			if r.FalsePositive.Low > 0.05 || r.FalsePositive.High < 0.05 || r.SampleRatio.Low > 0.001 {
				t.Errorf("false positives %v, sample ratio %v", r.FalsePositive, r.SampleRatio)
			}
			if calls == 0 {
				t.Error("no progress")
			}
			o.Runs = 20
			first, err := s.Run(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			second, err := s.Run(context.Background(), o)
			if err != nil || !reflect.DeepEqual(first, second) {
				t.Errorf("one seed gives %+v and %+v, %v", first, second, err)
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	s := simulation(t, purchase, config.Variant{Key: "control", Weight: 5_000}, config.Variant{Key: "green", Weight: 5_000})
	for _, o := range []Options{
		{Units: 0, Runs: 1, Baseline: config.Baseline{Mean: 0.1}},
		{Units: 1, Runs: MaxRuns + 1, Baseline: config.Baseline{Mean: 0.1}},
		{Units: MaxUnits, Runs: 101, Baseline: config.Baseline{Mean: 0.1}},
		{Units: 1, Runs: 1},
		{Units: 1, Runs: 1, Baseline: config.Baseline{Mean: 0.6}, Effect: config.Everything},
	} {
		if r, err := s.Run(context.Background(), o); err == nil {
			t.Errorf("%+v: %+v", o, r)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Run(ended, Options{Units: 1, Runs: 1, Baseline: config.Baseline{Mean: 0.1}}); err != context.Canceled {
		t.Error(err)
	}
}
