package analysis

import (
	"fmt"
	"strings"
)

// recommend applies the rules in the order of their declaration to a report that is
// otherwise complete.
func recommend(r *Report) Recommendation {
	if r.Data.Units == 0 {
		return Recommendation{Action: Refuse, Rule: RuleNoData, Text: "There is nothing to compare yet."}
	}
	if !r.SampleRatio.Checked {
		return Recommendation{Action: Refuse, Rule: RuleSRM,
			Text: "No recommendation: without the planned weights, the split cannot be checked."}
	}
	if r.SampleRatio.Mismatch {
		return Recommendation{Action: Refuse, Rule: RuleSRM,
			Text: "No recommendation: the units are not split as planned, so any difference may be an effect of the split. Find the cause, then start a new phase."}
	}
	if conflictShare(r) > MaxConflictShare {
		return Recommendation{Action: Refuse, Rule: RuleConflictingUnits,
			Text: fmt.Sprintf("No recommendation: %s of the units saw two variants. Find out why their ids change.", percent(conflictShare(r)))}
	}
	if text := tooFew(r); text != "" {
		return Recommendation{Action: Wait, Rule: RuleTooFewUnits, Text: text}
	}
	return weigh(r)
}

func tooFew(r *Report) string {
	for _, v := range r.Variants {
		if v.Units < MinUnits {
			return fmt.Sprintf("Too early: %s has %s, and each variant needs %d.", v.Key, plural(v.Units, r.Unit), MinUnits)
		}
	}
	if primary := &r.Metrics[0]; fewConversions(r, primary) {
		return fmt.Sprintf("Too early: %s has too few %s to compare the variants.", primary.Key, scarce(primary))
	}
	return ""
}

// weigh decides on data that passed the gates. A variant is out if it is worse on the
// primary metric or harms a guardrail. Of those that are not out and better, the best
// ships.
func weigh(r *Report) Recommendation {
	primary := &r.Metrics[0]
	var (
		control  = r.control(primary).Variant
		best     *Comparison
		worse    []string // out by the primary metric
		harmful  []string // out by a guardrail only, with the reason
		possible []string // not out, not better
	)
	for i := range primary.Comparisons {
		c := &primary.Comparisons[i]
		harmed := harms(r, i)
		switch {
		case c.Verdict == Worse:
			worse = append(worse, c.Variant)
		case len(harmed) > 0:
			harmful = append(harmful, harmText(c, primary, harmed))
		case c.Verdict == Better:
			if best == nil || gain(c, primary.Goal) > gain(best, primary.Goal) {
				best = c
			}
		default:
			possible = append(possible, c.Variant)
		}
	}
	switch {
	case best != nil:
		return Recommendation{Action: Ship, Rule: RuleShip, Variant: best.Variant,
			Text: fmt.Sprintf("Ship %s: %s%s.", best.Variant, effect(best, primary), guardrailText(r))}
	case len(possible) > 0:
		text := fmt.Sprintf("Keep collecting: %s shows no significant difference yet.", primary.Key)
		if len(worse) > 0 {
			text += fmt.Sprintf(" Stop %s: worse than %s.", list(worse), control)
		}
		if len(harmful) > 0 {
			text += " " + strings.Join(harmful, "; ") + "."
		}
		return Recommendation{Action: Wait, Rule: RuleNoDifferenceYet, Text: text}
	case len(harmful) > 0:
		return Recommendation{Action: KeepControl, Rule: RuleGuardrail, Variant: control,
			Text: fmt.Sprintf("Keep %s: %s.", control, strings.Join(harmful, "; "))}
	default:
		text := fmt.Sprintf("Keep %s: %s is worse: %s.", control, worse[0], effect(&primary.Comparisons[0], primary))
		if len(worse) > 1 {
			text = fmt.Sprintf("Keep %s: on %s, %s are all worse.", control, primary.Key, list(worse))
		}
		return Recommendation{Action: KeepControl, Rule: RuleKeepControl, Variant: control, Text: text}
	}
}

// harms are the keys of the guardrails that the variant of a comparison harms.
func harms(r *Report, comparison int) []string {
	var keys []string
	for _, g := range r.Metrics[1:] {
		if g.Comparisons[comparison].Verdict == Worse {
			keys = append(keys, g.Key)
		}
	}
	return keys
}

func harmText(c *Comparison, primary *Result, harmed []string) string {
	gains := ""
	if c.Verdict == Better {
		gains = fmt.Sprintf("improves %s but ", primary.Key)
	}
	return fmt.Sprintf("%s %sharms %s", c.Variant, gains, list(harmed))
}

// gain is the estimated improvement.
func gain(c *Comparison, goal Goal) float64 {
	if goal == Decrease {
		return -*c.Absolute.Estimate
	}
	return *c.Absolute.Estimate
}

// effect says in words what a tested comparison found.
func effect(c *Comparison, m *Result) string {
	direction := "higher"
	if *c.Absolute.Estimate < 0 {
		direction = "lower"
	}
	amount := func(x float64) string { return difference(m.Kind, x) }
	return fmt.Sprintf("%s is %s by %s (%s to %s), %s",
		m.Key, direction, strings.TrimLeft(amount(*c.Absolute.Estimate), "+−"),
		amount(c.Absolute.Interval.Low), amount(c.Absolute.Interval.High),
		probability(pName(m, len(m.Comparisons)), *c.PAdjusted))
}

func guardrailText(r *Report) string {
	if len(r.Metrics) == 1 {
		return ", and the experiment has no guardrails"
	}
	return ", and no guardrail is harmed"
}
