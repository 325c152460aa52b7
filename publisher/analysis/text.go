package analysis

import (
	"fmt"
	"io"
	"strings"
)

// WriteText writes r for a terminal: the split and its check, each metric, and under
// the numbers their warnings, the recommendation and the methods. Without units there
// are no metrics to write.
func WriteText(w io.Writer, r *Report) error {
	t := &tableWriter{w: w}
	t.heading(r)
	t.split(r)
	if r.Data.Units == 0 {
		t.warnings(r)
		t.recommendation(r)
		return t.err
	}
	for i := range r.Metrics {
		t.metric(r, &r.Metrics[i])
	}
	t.warnings(r)
	t.recommendation(r)
	t.text("\n")
	t.methods(r)
	return t.err
}

// tableWriter keeps the first error, so that the parts read as prose.
type tableWriter struct {
	w   io.Writer
	err error
}

func (t *tableWriter) text(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

func (t *tableWriter) grid(g *grid) {
	if t.err == nil {
		t.err = g.write(t.w)
	}
}

func (t *tableWriter) heading(r *Report) {
	title := r.Experiment
	if r.Name != r.Experiment {
		title += " · " + r.Name
	}
	t.text("%s\n", title)
	span := "no exposures"
	if r.Data.FirstExposure != nil {
		span = fmt.Sprintf("exposures %s to %s UTC", r.Data.FirstExposure.Format(timeLayout), r.Data.LastExposure.Format(timeLayout))
	}
	t.text("phase %d · unit %s · %s\n\n", r.Phase, r.Unit, span)
}

func (t *tableWriter) split(r *Report) {
	g := &grid{header: []string{"variant", "exposures", r.Unit + "s", "share", "planned"}}
	for _, v := range r.Variants {
		share, planned := notKnown, notKnown
		if r.Data.Units > 0 {
			share = fixed(float64(v.Units) / float64(r.Data.Units))
		}
		if v.Weight != nil {
			planned = fixed(*v.Weight)
		}
		name := v.Key
		if v.Control {
			name += " (control)"
		}
		g.add(name, count(v.Exposures), count(v.Units), share, planned)
	}
	t.grid(g)
	if s := r.SampleRatio; s.Checked {
		verdict := "as planned"
		if s.Mismatch {
			verdict = "MISMATCH"
		}
		t.text("%ssample ratio: %s (chi-square %.2f, %s)\n", indent, verdict, *s.ChiSquare, probability("p", *s.P))
	} else {
		t.text("%ssample ratio: not checked\n", indent)
	}
	if c := r.Data.Completeness; c != nil && c.Emitted > 0 {
		t.text("%scompleteness: %s of the exposures that hosts numbered arrived\n", indent, percent(c.Share()))
	}
	t.text("\n")
}

func (t *tableWriter) metric(r *Report, m *Result) {
	what := string(m.Kind)
	if m.Kind == Mean {
		what = fmt.Sprintf("mean %s per %s", m.Value, r.Unit)
	}
	t.text("%s (%s) · %s of %s · should %s\n", m.Key, m.Role, what, m.Event, m.Goal)

	value := "rate"
	if m.Kind == Mean {
		value = "mean"
	}
	level := percent(r.Confidence) + " interval"
	g := &grid{header: []string{"variant", r.Unit + "s", "with event", value, level}, left: map[int]bool{4: true}}
	for _, v := range m.Variants {
		show := number
		if m.Kind == Conversion {
			show = fixed
		}
		g.add(v.Variant, count(v.Units), count(v.Conversions), optional(v.Value, show), span(v.Interval, show))
	}
	t.grid(g)
	t.text("\n")

	p := pName(m, len(m.Comparisons))
	g = &grid{header: []string{"against " + r.control(m).Variant, "absolute", level, "relative", level, p, "verdict"},
		left: map[int]bool{2: true, 4: true, 6: true}}
	absolute := func(x float64) string { return difference(m.Kind, x) }
	for _, c := range m.Comparisons {
		g.add(c.Variant,
			optional(c.Absolute.Estimate, absolute), span(c.Absolute.Interval, absolute),
			optional(c.Relative.Estimate, relative), span(c.Relative.Interval, relative),
			optional(c.PAdjusted, pValue), string(c.Verdict))
	}
	t.grid(g)
	t.text("\n")
}

func (t *tableWriter) warnings(r *Report) {
	if len(r.Warnings) == 0 {
		t.text("No warnings.\n\n")
		return
	}
	t.text("Warnings\n")
	for _, w := range r.Warnings {
		t.text("%s", wrap(indent+"! ", w.Text))
	}
	t.text("\n")
}

func (t *tableWriter) recommendation(r *Report) {
	action := strings.ToUpper(strings.ReplaceAll(string(r.Recommendation.Action), "_", " "))
	if r.Recommendation.Action == Ship {
		action += " " + r.Recommendation.Variant
	}
	t.text("Recommendation: %s (rule %s)\n%s", action, r.Recommendation.Rule, wrap(indent, r.Recommendation.Text))
}

func (t *tableWriter) methods(r *Report) {
	t.text("Methods\n")
	for _, m := range r.Methods {
		t.text("%s", wrap(indent+"· ", m))
	}
}

func optional(x *float64, show func(float64) string) string {
	if x == nil {
		return notKnown
	}
	return show(*x)
}

func span(i *Interval, show func(float64) string) string {
	if i == nil {
		return notKnown
	}
	return show(i.Low) + " to " + show(i.High)
}
