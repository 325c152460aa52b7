package goal

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

var examples = []Goal{
	AtMost("cold start", 38.84, 40, " ms"),
	AtMost("cold start of another", 40.1, 40, " ms"),
	AtLeast("faster than a loop", 1000, 1000, "×"),
	AtLeast("faster than two", 999.4, 1000, "×"),
	AtMost("instructions", 0, 0, "").Skipped("valgrind is not installed"),
	AtMost("instructions of more", 5, 10, "").Skipped("valgrind is not installed"),
}

const printed = `
            cold start 38.8 ms goal ≤ 40.0 ms      reached
 cold start of another 40.1 ms goal ≤ 40.0 ms       MISSED
    faster than a loop  1,000×  goal ≥ 1,000×      reached
       faster than two    999×  goal ≥ 1,000×       MISSED
          instructions       -       goal ≤ 0 NOT MEASURED
  instructions of more       -    goal ≤ 10.0 NOT MEASURED
NOT MEASURED: valgrind is not installed
`

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, examples...); err != nil {
		t.Fatal(err)
	}
	if got := "\n" + b.String(); got != printed {
		t.Errorf("Write prints%s\nnot%s", got, printed)
	}
	for i, want := range []bool{true, false, true, false, false, false} {
		if got := examples[i].Reached(); got != want {
			t.Errorf("%s: Reached is %v", examples[i].What, got)
		}
	}
}

// TestJavaScriptPrintsTheSame prints the same goals with goal.mjs.
func TestJavaScriptPrintsTheSame(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node is not installed")
	}
	const script = `
import { lines } from "./goal.mjs";
const skipped = "valgrind is not installed";
console.log(lines([
  { what: "cold start", measured: 38.84, atMost: 40, unit: " ms" },
  { what: "cold start of another", measured: 40.1, atMost: 40, unit: " ms" },
  { what: "faster than a loop", measured: 1000, atLeast: 1000, unit: "×" },
  { what: "faster than two", measured: 999.4, atLeast: 1000, unit: "×" },
  { what: "instructions", atMost: 0, unit: "", skipped },
  { what: "instructions of more", atMost: 10, unit: "", skipped },
]).join("\n"));`
	node := exec.Command("node", "--input-type=module", "-")
	node.Stdin = strings.NewReader(script)
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := "\n" + string(out); got != printed {
		t.Errorf("goal.mjs prints%s\nnot%s", got, printed)
	}
}
