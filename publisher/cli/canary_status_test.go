package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/canary"
	"github.com/sortition-dev/sortition/publisher/control"
)

// TestScreen shows a canary three times, of which the second has no news: on a terminal
// in the same place, elsewhere one below the other.
func TestScreen(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		var out bytes.Buffer
		screen := screen{out: &out, redraw: terminal}
		for _, reason := range []string{"well for 1s of 10m0s", "well for 1s of 10m0s", "well for 2s of 10m0s"} {
			state := &control.CanaryState{
				Environment: "production", Revision: 2, Canary: bundle.Canary{Stable: 1, Share: 500},
				Verdict: canary.Verdict{Action: canary.Wait, Reasons: []string{reason}},
			}
			if err := screen.show(state); err != nil {
				t.Fatal(err)
			}
		}
		first, rest, found := strings.Cut(out.String(), "wait: well for 1s of 10m0s\n")
		if !found || strings.Contains(rest, "1s") || !strings.HasSuffix(rest, "wait: well for 2s of 10m0s\n") {
			t.Fatalf("terminal %t: %q", terminal, out.String())
		}
		lines := strings.Count(first, "\n") + 1
		if back := strings.HasPrefix(rest, fmt.Sprintf("\033[%dA\033[J", lines)); back != terminal {
			t.Errorf("terminal %t: after %d lines %q", terminal, lines, rest)
		}
	}
}
