package js

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/sortition-dev/sortition/bundle/attack"
)

// TestAttacks runs the attacks that all hosts share in each runtime. The cases go to the
// harness as the file has them.
func TestAttacks(t *testing.T) {
	path, err := attack.Path()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("THE ATTACKS ARE MISSING: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Worlds []map[string]json.RawMessage }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	inEach(t, func(t *testing.T, h harness) {
		for _, world := range file.Worlds {
			var cases []json.RawMessage
			if err := json.Unmarshal(world["cases"], &cases); err != nil {
				t.Fatal(err)
			}
			var problems []string
			job := map[string]any{"kind": "attacks", "world": world, "cases": cases}
			if err := h.do(job, &problems); err != nil {
				t.Fatal(err)
			}
			if len(cases) == 0 || len(problems) != len(cases) {
				t.Fatalf("%s: %d answers to %d attacks", world["name"], len(problems), len(cases))
			}
			for i, problem := range problems {
				if problem != "" {
					var c struct{ Name, Why string }
					_ = json.Unmarshal(cases[i], &c) // only for the message
					t.Errorf("%s: %s: %s (%s)", world["name"], c.Name, problem, c.Why)
				}
			}
		}
	})
}
