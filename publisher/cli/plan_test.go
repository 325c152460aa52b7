package cli

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlanMeasures computes how long experiments take from the events in the bucket: for
// one that is live from its control and its own traffic, for one that is new from all.
func TestPlanMeasures(t *testing.T) {
	s := newResultsSite(t)
	s.publish()
	s.collect("a", "button", 1, 1000, map[string]int{"control": 10, "green": 5})
	effect := strings.NewReplacer("primary: purchase", "primary: purchase, effect: 20%", "A green button", "A lime button")
	s.write("experiments/button.yaml", effect.Replace(resultsExperiment("running", "50/50")))
	s.write("experiments/fresh.yaml", strings.Replace(effect.Replace(resultsExperiment("running", "50/50")), "key: button", "key: fresh", 1))
	s.write("experiments/quiet.yaml", strings.NewReplacer("key: button", "key: quiet").Replace(resultsExperiment("running", "50/50")))

	plan := func(args ...string) string {
		t.Helper()
		var out, errors bytes.Buffer
		// Events of these tests happened when the Unix epoch began.
		args = append([]string{"plan", s.dir, "--at", "1970-01-01T12:00:00Z", "--cache", filepath.Join(s.dir, "cache")}, args...)
		if status := Run(t.Context(), args, nil, &out, &errors); status != statusOK {
			t.Fatalf("exit status %d: %s", status, errors.String())
		}
		return out.String()
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"--measure"}, []string{
			"button: 4 days for an effect of 20% on purchase, from 0.1\n      7682 units at 2000 new units a day, as measured",
			"fresh: 3 days for an effect of 20% on purchase, from 0.15\n      4804 units at 2000 new units a day, as measured",
		}},
		{[]string{"--measure", "--traffic", "500"}, []string{
			"button: 16 days for an effect of 20% on purchase, from 0.1\n      7682 units at 500 new units a day, as measured",
		}},
		{nil, []string{"button: the time to detect the effect depends on the baseline of its metric and the traffic"}},
	} {
		out := plan(c.args...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v: no %q in\n%s", c.args, want, out)
			}
		}
		if strings.Contains(out, "quiet:") {
			t.Errorf("%v: an experiment without a planned effect\n%s", c.args, out)
		}
	}

	// Who was exposed is measured too.
	s.write("experiments/button.yaml", resultsExperiment("running", "60/40"))
	if out, want := plan("--measure"), "2000 units were exposed in the last 14 days: about 0 of them leave and 200 switch"; !strings.Contains(out, want) {
		t.Errorf("no %q in\n%s", want, out)
	}
}

// TestPublishNeedsATerminal gives input that is not a terminal.
func TestPublishNeedsATerminal(t *testing.T) {
	s := newResultsSite(t)
	for _, stdin := range []io.Reader{nil, strings.NewReader("y\n")} {
		var errors bytes.Buffer
		if status := Run(t.Context(), []string{"publish", s.dir}, stdin, io.Discard, &errors); status != statusUsage ||
			!strings.Contains(errors.String(), "--yes") {
			t.Errorf("exit status %d: %s", status, errors.String())
		}
	}
}
