package simulate

import (
	"fmt"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/native"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Simulation decides about units in one experiment.
type Simulation struct {
	experiment *analysis.Experiment
	unit       string // type
	index      int
	core       *native.Core
	request    *request.Request
	now        time.Time
}

// New prepares the simulation of an experiment of a project at its full size: running,
// within its schedule, at the end of its ramp, not killed, and on units that its audience
// and its prerequisites match. Holdouts and the experiment's share of its layer count. The
// function x returns the valid experiment to analyse, from the compiled one. The ledger live
// holds what is allocated already; it may be nil.
func New(project *config.Project, key string, live *compile.Ledger, now time.Time, x func(*model.Program, *model.Experiment) (*analysis.Experiment, error)) (*Simulation, error) {
	program, err := compile.Program(opened(project, key), live.WithoutOperations(), now)
	if err != nil {
		return nil, err
	}
	index := slices.IndexFunc(program.Experiments, func(e model.Experiment) bool { return e.Key == key })
	if index < 0 {
		return nil, fmt.Errorf("no experiment %q", key)
	}
	e := &program.Experiments[index]
	experiment, err := x(program, e)
	if err != nil {
		return nil, err
	}
	core, err := native.Compile(program)
	if err != nil {
		return nil, err
	}
	return &Simulation{
		experiment: experiment, unit: program.Units[e.Unit], index: index,
		core: core, request: request.New(), now: now,
	}, nil
}

// opened returns the project without anything that keeps units out of the experiment.
func opened(project *config.Project, key string) *config.Project {
	open := *project
	open.Exclusions, open.OptOut, open.Flags = nil, nil, nil
	open.Experiments = nil
	for _, e := range project.Experiments {
		other := *e
		other.Prerequisites = nil
		if e.Key == key {
			other.Status = config.Running
			other.Start, other.End = time.Time{}, time.Time{}
			other.AudienceText, other.Audience = "", nil
			other.Enrolment = config.Enrolment{Traffic: e.Largest()}
			other.Overrides = nil
		}
		open.Experiments = append(open.Experiments, &other)
	}
	return &open
}

// decide returns the index of the variant for a unit, or model.None.
func (s *Simulation) decide(id string) (int, error) {
	d, err := s.core.One(s.request.Reset().Now(s.now).Unit(s.unit, id), s.index)
	return d.Variant, err
}
