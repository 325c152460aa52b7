package main

import (
	"path/filepath"
	"testing"

	"github.com/sortition-dev/sortition/publisher/config"
)

// TestProjectsHaveNoMistakes holds that every step has something to measure.
func TestProjectsHaveNoMistakes(t *testing.T) {
	for _, shape := range []string{"realistic", "W2"} {
		directory := filepath.Join(t.TempDir(), "project")
		if err := writeProject(directory, shape, "200"); err != nil {
			t.Fatal(err)
		}
		p, problems := config.Load(directory)
		if problems != nil {
			t.Fatalf("%s: %v", shape, problems)
		}
		if missing := p.MissingRequired(); missing != nil || len(p.Experiments) != 200 {
			t.Errorf("%s: %d experiments, %v", shape, len(p.Experiments), missing)
		}
		if err := readAndHash(directory); err != nil {
			t.Error(err)
		}
	}
}
