package plan

import (
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/publisher/config"
)

// givenBasis is the rate of siteProject, and so many units a day.
func givenBasis(perDay float64) func(*config.Experiment) Basis {
	return func(*config.Experiment) Basis {
		return Basis{Baseline: &config.Baseline{Mean: 0.1, Deviation: 0.3}, PerDay: perDay}
	}
}

// An effect of 20 % on a rate of 10 % needs twice 3,841 units.
func TestPower(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		perDay         float64
		units          int64
		days           int
		warning        string
	}{
		{"in a tenth of the traffic", "", "", 10_000, 7_682, 8, ""},
		{"with all of it", "traffic: 10%", "traffic: 100%", 10_000, 7_682, 1, ""},
		{"when there are few", "", "", 100, 7_682, 0, "not detectable within 730 days"},
		{"when there are not many", "", "", 1_000, 7_682, 77, "more than 60 days"},
		{"before the end", "layer: home", "layer: home\nend: 2026-03-10T12:00:00Z", 10_000, 7_682, 8, "before the end"},
		{"in a ramp", "traffic: 10%", "ramp: [{at: 2026-03-01T00:00:00Z, traffic: 1%}, {at: 2026-03-06T00:00:00Z, traffic: 50%}]", 10_000, 7_682, 4, ""},
		{"with unequal weights", "weight: 50%, config: {color: blue}}\n  - {key: green, weight: 50%", "weight: 90%, config: {color: blue}}\n  - {key: green, weight: 10%", 10_000, 20_768, 21, ""},
		{"without a control", "weight: 50%, config: {color: blue}}\n  - {key: green, weight: 50%", "weight: 0%, config: {color: blue}}\n  - {key: green, weight: 100%", 10_000, 0, 0, "no number of units"},
		{"of a rate that cannot be", "effect: 20%", "effect: 100%", 10_000, 398, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			if c.old != "" {
				s.edit("experiments/button.yaml", c.old, c.new)
			}
			next, project := s.next()
			p := Compare(nil, next, now)
			p.AddPower(next, project, givenBasis(c.perDay))
			if len(p.Power) != 1 {
				t.Fatalf("%+v", p.Power)
			}
			got := p.Power[0]
			if got.Units != c.units || got.Days != c.days || c.warning == "" && got.Warning != "" || !strings.Contains(got.Warning, c.warning) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestPowerIsNotKnown(t *testing.T) {
	s := newSite(t)
	next, project := s.next()
	p := Compare(nil, next, now)
	p.AddPower(next, project, func(*config.Experiment) Basis { return Basis{} })
	if len(p.Power) != 0 || len(p.Unknown) != 1 || !strings.Contains(p.Unknown[0], "--traffic") {
		t.Errorf("%+v, %v", p.Power, p.Unknown)
	}
}
