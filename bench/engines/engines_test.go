package engines

import (
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bench/contest"
	"github.com/sortition-dev/sortition/bench/workload"
)

// TestContestantsAgree compares every contestant with the reference.
func TestContestantsAgree(t *testing.T) {
	contestants := map[string]func() contest.Contestant{
		"loop":                  func() contest.Contestant { return new(Loop) },
		"native":                func() contest.Contestant { return new(Native) },
		"host":                  func() contest.Contestant { return &Host{Instances: 1} },
		"launchdarkly":          func() contest.Contestant { return new(LaunchDarkly) },
		"launchdarkly in order": func() contest.Contestant { return &LaunchDarkly{InOrder: true} },
		"growthbook":            func() contest.Contestant { return new(GrowthBook) },
	}
	for _, w := range []*workload.Workload{workload.One(), workload.Many(200), workload.Realistic(400)} {
		reference := w.Reference()
		if total := len(slices.Concat(reference...)); total == 0 {
			t.Fatalf("%s: nothing matches", w.Name)
		}
		bucket := t.TempDir()
		if _, err := Publish(w, 1, bucket); err != nil {
			t.Fatal(err)
		}
		for name, newContestant := range contestants {
			t.Run(w.Name+"/"+name, func(t *testing.T) {
				agrees(t, newContestant(), w, bucket, reference)
			})
		}
	}
}

func agrees(t *testing.T, c contest.Contestant, w *workload.Workload, bucket string, reference [][]int) {
	if err := c.Prepare(w, bucket); err != nil {
		t.Fatal(err)
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	for i, want := range reference {
		got, err := c.Matches(i)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("request %d matches %v (%v), not %v", i, got, err, want)
		}
		if n, err := c.All(i); err != nil || n != len(want) {
			t.Fatalf("request %d matches %d (%v), not %d", i, n, err, len(want))
		}
		if err := c.One(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}
