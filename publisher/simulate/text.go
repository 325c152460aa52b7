package simulate

import (
	"fmt"
	"io"
)

// WriteText writes reports for people.
func WriteText(w io.Writer, reports []*Report) error {
	for i, r := range reports {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s, %s %.4g: %d runs of %d units, of which %.0f take part, seed %d\n",
			r.Key, r.Metric, r.Baseline, r.Runs, r.Units, r.Enrolled, r.Seed)
		fmt.Fprintf(w, "  without an effect  a difference is found in %s\n", r.FalsePositive)
		for _, p := range r.Power {
			fmt.Fprintf(w, "  with %s  %s is found better in %s\n", r.Effect, p.Variant, p.Found)
		}
		if _, err := fmt.Fprintf(w, "  sample ratio  looks wrong in %s\n", r.SampleRatio); err != nil {
			return err
		}
	}
	return nil
}

// String returns the share with its interval, and the expected share.
func (s Share) String() string {
	text := fmt.Sprintf("%.2f%% of runs (%.2f%% to %.2f%%)", 100*s.Share, 100*s.Low, 100*s.High)
	switch {
	case s.Expected == nil:
		return text
	case s.Low > *s.Expected:
		return fmt.Sprintf("%s; expected %.4g%%, and chance does not explain the difference", text, 100**s.Expected)
	}
	return fmt.Sprintf("%s; expected %.4g%%", text, 100**s.Expected)
}
