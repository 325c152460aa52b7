package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// MaxProse is the largest length of a hypothesis or description in bytes.
const MaxProse = 4 << 10

// resolveExperiment checks and resolves one experiment file.
func (l *loader) resolveExperiment(f *ExperimentFile) *Experiment {
	l.checkFileKey(f.Pos, f.Key, "an experiment")
	l.checkText(f.Name, "the name", MaxNameLength)
	l.checkText(f.Owner, "the owner", MaxNameLength)
	l.checkText(f.Hypothesis, "the hypothesis", MaxProse)
	l.checkSalt(f.Salt)
	l.checkSchedule(f)

	e := &Experiment{
		Key:        f.Key.Value,
		Name:       orDefault(f.Name, f.Key.Value),
		Owner:      f.Owner.Value,
		Hypothesis: f.Hypothesis.Value,
		Unit:       l.unit(f.Unit),
		Layer:      l.lookup(f.Layer, "layer", "layers", keysOf(l.project.Layers, func(x Layer) string { return x.Key })),
		Status:     Status(f.Status.Value),
		Start:      f.Start.Value,
		End:        f.End.Value,
		Enrolment:  l.enrolment(f.Traffic, f.Ramp),

		Applications: l.applications(f.Applications),
		AudienceText: f.Audience.Value,
		Audience:     l.expression(f.Audience),
		Holdout:      l.project.Holdout != nil && (!f.Holdout.Given() || f.Holdout.Value),
		Salt:         orDefault(f.Salt, f.Key.Value),
		Routes:       l.routes(f.Routes),
		Sticky:       f.Sticky.Value,

		Pos:  f.Key.Pos,
		file: f,
	}
	if f.Factors.Pos != (Pos{}) {
		e.Factors, e.Variants = l.factors(f.Factors)
	} else {
		e.Variants = l.variants(f.Variants.Pos, experimentArms(f), 2)
		l.checkSum(f.Variants.Pos, weightsOf(f.Variants.Items))
	}
	if f.Control.Given() {
		e.Control = l.variant(f.Control, e.Variants)
	}
	e.Overrides = l.overrides(f.Overrides, e.Variants)
	l.resolveExperimentMetrics(e, f)
	e.Tests = l.tests(f.Tests, e.Unit, e.Variants)
	return e
}

// checkFileKey checks that the key in a file is valid and matches the file's name. At is the
// place of the document.
func (l *loader) checkFileKey(at Pos, key At[string], what string) {
	base := strings.TrimSuffix(path.Base(at.File), path.Ext(at.File))
	if l.checkKey(key, what) && key.Value != base {
		l.fail(key.Pos, fmt.Sprintf("the key %q does not match the file name %s", key.Value, path.Base(at.File)),
			fmt.Sprintf("write key: %s, or rename the file to %s.yaml", base, key.Value))
	}
}

func (l *loader) checkSchedule(f *ExperimentFile) {
	if f.Start.Given() && f.End.Given() && !f.End.Value.After(f.Start.Value) {
		l.fail(f.End.Pos, "the end is not after the start", fmt.Sprintf("the start is on line %d", f.Start.Pos.Line))
	}
}

func experimentArms(f *ExperimentFile) []arm {
	arms := make([]arm, len(f.Variants.Items))
	for i, v := range f.Variants.Items {
		arms[i] = arm{key: v.Key, name: v.Name, config: v.Config, weight: v.Weight.Value}
	}
	return arms
}

func weightsOf(arms []ExperimentArm) []Entry[At[Percent]] {
	weights := make([]Entry[At[Percent]], len(arms))
	for i, v := range arms {
		weights[i] = Entry[At[Percent]]{v.Key, v.Weight}
	}
	return weights
}

func (l *loader) resolveExperimentMetrics(e *Experiment, f *ExperimentFile) {
	if f.Metrics == nil {
		return
	}
	if e.Effect = f.Metrics.Effect.Value; f.Metrics.Effect.Given() && e.Effect == 0 {
		l.fail(f.Metrics.Effect.Pos, "the effect must be greater than 0%", "write the smallest change that matters, for example 5%")
	}
	known := keysOf(l.project.Metrics, func(m Metric) string { return m.Key })
	if l.lookup(f.Metrics.Primary, "metric", "metrics", known) != model.None {
		e.Primary = f.Metrics.Primary.Value
	}
	for _, g := range f.Metrics.Guardrails.Items {
		switch {
		case l.lookup(g, "metric", "metrics", known) == model.None:
		case g.Value == e.Primary:
			l.fail(g.Pos, fmt.Sprintf("the metric %q is already the primary metric", g.Value), "")
		case slices.Contains(e.Guardrails, g.Value):
			l.fail(g.Pos, fmt.Sprintf("the metric %q appears twice", g.Value), "")
		default:
			e.Guardrails = append(e.Guardrails, g.Value)
		}
	}
}
