package analysis

import "fmt"

// methods says how the numbers of r were computed, and what they assume.
func methods(r *Report) []string {
	kinds := map[Kind]bool{}
	for _, m := range r.Metrics {
		kinds[m.Kind] = true
	}
	var list []string
	if kinds[Conversion] {
		list = append(list, "Conversion: units with the event at or after their first exposure. Rates have Wilson score intervals, absolute differences Newcombe's hybrid score intervals (method 10, 1998), relative differences Katz's log intervals (1978); p is of the two-sided z-test with pooled variance.")
	}
	if kinds[Mean] {
		list = append(list, "Mean: the sum per unit at or after its first exposure, 0 for units without the event. Means have Student's t intervals; absolute differences and p are Welch's; relative differences have log intervals by the delta method.")
	}
	if len(r.Variants) > 2 {
		list = append(list, "Each variant is compared with the control. On the primary metric, the verdict uses Holm's correction for the number of comparisons; the intervals are not corrected.")
	}
	if len(r.Metrics) > 1 {
		list = append(list, fmt.Sprintf("A guardrail is harmed if it moves in the wrong direction with p < %.2f. This is not corrected for the number of guardrails, because a false alarm is the safer mistake.", 1-Confidence))
	}
	return append(list, fmt.Sprintf("If the time of reading was fixed beforehand, intervals contain the true value in %s of experiments, and %s of experiments without an effect show a significant difference. Stopping at the first significant reading makes false alarms far more frequent.", percent(Confidence), percent(1-Confidence)))
}
