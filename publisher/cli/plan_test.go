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
			"button: purchase by 20% from 0.1 in 4 days\n      7682 units at 2000 new ones a day, as measured",
			"fresh: purchase by 20% from 0.15 in 3 days\n      4804 units at 2000 new ones a day, as measured",
		}},
		{[]string{"--measure", "--traffic", "500"}, []string{
			"button: purchase by 20% from 0.1 in 16 days\n      7682 units at 500 new ones a day, as measured",
		}},
		{nil, []string{"button: how long it takes is not known without the baseline of its metric and the traffic"}},
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
	if out, want := plan("--measure"), "of the 2000 units that were exposed to it in the last 14 days: about 0 leave, 200 switch"; !strings.Contains(out, want) {
		t.Errorf("no %q in\n%s", want, out)
	}
}

// TestPublishNeedsATerminal holds for whatever is no terminal.
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
