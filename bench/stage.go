package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sortition-dev/sortition/bench/engines"
	"github.com/sortition-dev/sortition/bench/workload"
)

// stage is a workload on disk, where contestants read it.
type stage struct {
	workload  *workload.Workload
	reference [][]int
	file      string
	bucket    string
	sizes     engines.Sizes
}

func newStage(directory string, w *workload.Workload, revision uint64) (*stage, error) {
	s := &stage{
		workload: w, reference: w.Reference(),
		file: filepath.Join(directory, "workload.json"), bucket: filepath.Join(directory, "bucket"),
	}
	data, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(s.file, data, 0o644); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.bucket, 0o755); err != nil {
		return nil, err
	}
	s.sizes, err = engines.Publish(w, revision, s.bucket)
	return s, err
}

// byHand has the workloads that writeStage accepts, by name. They have the sizes of the
// benchmarks of package engines.
var byHand = map[string]func() *workload.Workload{
	"W1":        workload.One,
	"W2":        func() *workload.Workload { return workload.Many(coldSize) },
	"W2-1000":   func() *workload.Workload { return workload.Many(1_000) },
	"Realistic": func() *workload.Workload { return workload.Realistic(coldSize) },
	"Site":      func() *workload.Workload { return workload.Site(coldSize, false) },
	nextSite:    func() *workload.Workload { return workload.Site(coldSize, true) },
}

// nextSite is revision 2 of the workload Site; all other workloads have revision 1.
const nextSite = "Site-next"

// writeStage writes a workload to a folder.
func writeStage(name, directory string) error {
	w, ok := byHand[name]
	if !ok {
		return fmt.Errorf("unknown workload %q: use W1, W2, W2-1000, Realistic, Site or Site-next", name)
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	revision := uint64(1)
	if name == nextSite {
		revision = 2
	}
	_, err := newStage(directory, w(), revision)
	return err
}

// matching is the mean share of experiments that a request matches, from 0 to 1.
func (s *stage) matching() float64 {
	total := 0
	for _, matched := range s.reference {
		total += len(matched)
	}
	return float64(total) / float64(len(s.reference)*len(s.workload.Experiments))
}
