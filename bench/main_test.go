package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/sortition-dev/sortition/bench/workload"
)

// TestNodeContestantsAgree compares the contestants in Node with the reference.
func TestNodeContestantsAgree(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node is not installed")
	}
	if _, err := os.Stat("node/node_modules"); err != nil {
		t.Skip("the packages of bench/node are not installed: run `npm ci` there")
	}
	for _, w := range []*workload.Workload{workload.One(), workload.Many(200), workload.Realistic(400)} {
		s, err := newStage(t.TempDir(), w, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entrants {
			if !e.node || e.limit == 0 && len(w.Segments) > 0 {
				continue
			}
			t.Run(w.Name+"/"+e.name, func(t *testing.T) {
				p, err := e.start(s)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.Open(); err != nil {
					t.Fatal(err)
				}
				if err := p.Check(s.reference); err != nil {
					t.Fatal(err)
				}
				if err := p.Stop(); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

func TestGoContestantsAreKnown(t *testing.T) {
	for _, e := range entrants {
		if e.node {
			continue
		}
		if _, err := goContestant(e.id); err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
	}
}
