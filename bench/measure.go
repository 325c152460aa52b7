package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bench/contest"
	"github.com/sortition-dev/sortition/bench/figure"
	"github.com/sortition-dev/sortition/bench/workload"
)

// How long contestants are timed. If a single call takes longer than the budget, it is the
// only one.
const (
	rounds     = 7                      // interleaved, after a round to warm up
	budget     = 100 * time.Millisecond // of CPU time, in each round
	warmUp     = 400 * time.Millisecond // for the compilers of V8
	coldStarts = 5                      // each in a new process
)

// The sizes of W2 and of the realistic configuration.
var (
	uniformSizes   = []int{1_000, 10_000}
	realisticSizes = []int{10, 100, 1_000, 10_000, 100_000}
)

// coldSize is the number of experiments for which cold start and memory are measured.
const coldSize = 10_000

// timing is the CPU time of a call in nanoseconds, in each round.
type timing []float64

func (t timing) median() float64 { return figure.Median(t) }

// point holds the measurements of an entrant on a workload.
type point struct {
	timing timing
	memory int64 // bytes
}

// measurements holds the results of a run, by entrant.
type measurements struct {
	directory string
	started   time.Time

	one       map[string]point
	uniform   map[int]map[string]point
	realistic map[int]map[string]point
	stages    map[string]*stage
	cold      map[string][]contest.Cold
	instance  int64 // bytes that each further instance of a host takes
}

func newMeasurements(directory string) *measurements {
	return &measurements{
		directory: directory, started: time.Now(),
		uniform: map[int]map[string]point{}, realistic: map[int]map[string]point{},
		stages: map[string]*stage{}, cold: map[string][]contest.Cold{},
	}
}

func (m *measurements) measure() (err error) {
	if m.one, err = m.contest(workload.One(), contest.One, entrants); err != nil {
		return err
	}
	for _, n := range uniformSizes {
		if m.uniform[n], err = m.contest(workload.Many(n), contest.All, entrants); err != nil {
			return err
		}
	}
	if err := m.measureCold(m.stages[workload.Many(coldSize).Name]); err != nil {
		return err
	}
	for _, n := range realisticSizes {
		able := slices.DeleteFunc(slices.Clone(entrants), func(e entrant) bool { return e.limit < n })
		if m.realistic[n], err = m.contest(workload.Realistic(n), contest.All, able); err != nil {
			return err
		}
	}
	return nil
}

// contest checks the entrants on a workload, and times them in turn.
func (m *measurements) contest(w *workload.Workload, work contest.Work, entrants []entrant) (map[string]point, error) {
	directory := filepath.Join(m.directory, w.Name)
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	s, err := newStage(directory, w, 1)
	if err != nil {
		return nil, err
	}
	m.stages[w.Name] = s
	points := map[string]point{}
	processes := make([]*contest.Process, len(entrants))
	for i, e := range entrants {
		progress("%s: %s", w.Name, e.name)
		var p point
		if processes[i], err = e.start(s); err != nil {
			return nil, err
		}
		defer processes[i].Stop()
		if _, err := processes[i].Open(); err != nil {
			return nil, err
		}
		if p.memory, err = processes[i].Memory(); err != nil {
			return nil, err
		}
		if err := processes[i].Check(s.reference); err != nil {
			return nil, err
		}
		if _, err := processes[i].Time(work, warmUp); err != nil {
			return nil, err
		}
		points[e.name] = p
	}
	progress("%s: %d rounds", w.Name, rounds)
	for range rounds {
		for i, e := range entrants {
			took, err := processes[i].Time(work, budget)
			if err != nil {
				return nil, err
			}
			p := points[e.name]
			p.timing = append(p.timing, took)
			points[e.name] = p
		}
	}
	return points, nil
}

// measureCold measures cold starts of every entrant, and the memory of a host with more
// instances.
func (m *measurements) measureCold(s *stage) error {
	for range coldStarts {
		for _, e := range entrants {
			progress("cold start: %s", e.name)
			cold, _, err := open(e, s)
			if err != nil {
				return err
			}
			m.cold[e.name] = append(m.cold[e.name], cold)
		}
	}
	_, memory, err := open(entrant{name: "hosts", id: "hosts"}, s)
	m.instance = (memory - m.uniform[coldSize][inHost].memory) / moreInstances
	return err
}

func open(e entrant, s *stage) (contest.Cold, int64, error) {
	p, err := e.start(s)
	if err != nil {
		return contest.Cold{}, 0, err
	}
	defer p.Stop()
	cold, err := p.Open()
	if err != nil {
		return cold, 0, err
	}
	memory, err := p.Memory()
	return cold, memory, err
}

// progress reports the state of the run to the terminal.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "\r\033[K"+format, args...)
}

// took returns how long the run has taken so far.
func (m *measurements) took() time.Duration { return time.Since(m.started).Round(time.Second) }
