package plan

import (
	"fmt"
	"math"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis/stats"
	"github.com/sortition-dev/sortition/publisher/config"
)

// The assumptions of a power computation.
const (
	Alpha       = 0.05 // two-sided, of all treatments of an experiment together
	TargetPower = 0.8

	// LongDays is the longest run, in days, without a warning. In a longer run, cookies,
	// seasons and the product change so much that results are hard to read.
	LongDays = 60

	// maxDays is the longest run that is computed.
	maxDays = 2 * 365
)

// Power says how long an experiment takes to detect its planned effect.
type Power struct {
	Key      string         `json:"key"`
	Metric   string         `json:"metric"`
	Effect   config.Percent `json:"effect"`   // relative to the baseline
	Baseline float64        `json:"baseline"` // mean of the metric over units; of a conversion, its rate
	Units    int64          `json:"units"`    // that the experiment needs, over all variants; 0 if no number is enough
	PerDay   float64        `json:"per_day"`  // new eligible units a day
	Days     int            `json:"days"`     // from its start; 0 if it takes more than two years
	Measured bool           `json:"measured"` // what was not given comes from recent events
	Warning  string         `json:"warning"`  // empty if there is none
}

// Basis is what is known about an experiment's metric and traffic.
type Basis struct {
	Baseline *config.Baseline // nil if it is not known
	PerDay   float64          // new eligible units a day; 0 if that is not known
	Measured bool
}

// AddPower adds the power of the experiments that change and will run. It calls basis for
// each of them, and leaves out experiments without a planned effect.
func (p *Plan) AddPower(next State, project *config.Project, basis func(*config.Experiment) Basis) {
	changing := map[string]bool{}
	for _, x := range p.Experiments {
		changing[x.Key] = true
	}
	for _, file := range project.Experiments {
		e := running(next.Program, file.Key)
		if e == nil || !changing[file.Key] || file.Effect == 0 || file.Primary == "" {
			continue
		}
		b := basis(file)
		if b.Baseline == nil || b.PerDay <= 0 {
			p.Unknown = append(p.Unknown, fmt.Sprintf("%s: the time to detect the effect depends on %s", file.Key, missing(b)))
			continue
		}
		p.Power = append(p.Power, powerOf(file, e, next.Program, metricOf(project, file.Primary), b, p.At))
	}
}

func missing(b Basis) string {
	switch {
	case b.Baseline == nil && b.PerDay <= 0:
		return "the baseline of its metric and the traffic (write baseline in sortition.yaml and give --traffic, or give --measure)"
	case b.Baseline == nil:
		return "the baseline of its metric (write baseline in sortition.yaml, or give --measure)"
	}
	return "the traffic (give --traffic or --measure)"
}

func metricOf(project *config.Project, key string) config.Metric {
	for _, m := range project.Metrics {
		if m.Key == key {
			return m
		}
	}
	return config.Metric{Key: key}
}

func powerOf(file *config.Experiment, e *model.Experiment, p *model.Program, m config.Metric, b Basis, at time.Time) Power {
	out := Power{Key: file.Key, Metric: m.Key, Effect: file.Effect, Baseline: b.Baseline.Mean, PerDay: b.PerDay, Measured: b.Measured}
	units, ok := unitsNeeded(file, e, m, b.Baseline)
	if !ok {
		out.Warning = "no number of units is enough: a variant has no traffic, or the metric cannot reach the effect"
		return out
	}
	out.Units = int64(math.Ceil(units))
	out.Days = daysUntil(units, e, p, b.PerDay, at)
	end := max(e.Start, model.MillisOf(at)) + model.Millis(int64(out.Days)*day.Milliseconds())
	switch {
	case out.Days == 0:
		out.Warning = fmt.Sprintf("the effect is not detectable within %d days", maxDays)
	case e.End != 0 && end > e.End:
		out.Warning = fmt.Sprintf("the effect is not detectable before the end, %s", e.End.Time().Format(time.RFC3339))
	case out.Days > LongDays:
		out.Warning = fmt.Sprintf("this takes more than %d days", LongDays)
	}
	return out
}

// unitsNeeded returns the number of units, over all variants, that are enough to detect the
// planned effect of every treatment. The treatments divide Alpha among them. It reports
// false if no number is enough.
func unitsNeeded(file *config.Experiment, e *model.Experiment, m config.Metric, b *config.Baseline) (float64, bool) {
	control := file.Variants[file.Control].Key
	effect := float64(file.Effect) / float64(config.Everything)
	if m.Goal == config.Decrease {
		effect = -effect
	}
	most := 0.0
	for _, v := range e.Variants {
		if v.Key == control {
			continue
		}
		d := stats.Design{
			Control:   float64(weightOf(e, control)) / model.Slots,
			Treatment: float64(weightOf(e, v.Key)) / model.Slots,
			Alpha:     Alpha / float64(len(e.Variants)-1), Power: TargetPower,
		}
		units, ok := d.UnitsForMeans(b.Mean, b.Mean*(1+effect), b.Deviation)
		if m.Kind == config.Conversion {
			units, ok = d.UnitsForRates(b.Mean, b.Mean*(1+effect))
		}
		if !ok {
			return 0, false
		}
		most = max(most, units)
	}
	return most, most > 0
}

const day = 24 * time.Hour

// daysUntil returns the days until an experiment has enough units, by its schedule, ramp
// and holdouts; 0 if that takes more than maxDays.
func daysUntil(units float64, e *model.Experiment, p *model.Program, perDay float64, at time.Time) int {
	kept := 1.0
	for _, h := range e.Holdouts {
		kept *= 1 - float64(p.Holdouts[h].Slots)/model.Slots
	}
	from := max(e.Start, model.MillisOf(at))
	had := 0.0
	for n := range maxDays {
		now := from + model.Millis(int64(n)*day.Milliseconds())
		had += perDay * kept * float64(TrafficAt(&e.Rules[0], now)) / model.Slots
		if had >= units {
			return n + 1
		}
	}
	return 0
}
