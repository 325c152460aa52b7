package control

import (
	"context"
	"encoding/json"

	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Checked is what a check found: problems, or a project without any.
type Checked struct {
	Problems config.Problems `json:"problems"`
	Project  *Summary        `json:"project,omitempty"` // nil if there are problems
}

// Summary describes a project.
type Summary struct {
	Environment string         `json:"environment"`
	Bucket      string         `json:"bucket"`
	Experiments int            `json:"experiments"`
	Flags       int            `json:"flags"`
	Payload     int            `json:"payload_bytes"` // uncompressed
	Routes      []RouteSummary `json:"routes"`

	// ExperimentStatuses and FlagStatuses count by status.
	ExperimentStatuses map[config.Status]int `json:"experiment_statuses"`
	FlagStatuses       map[config.Status]int `json:"flag_statuses"`
}

// RouteSummary says how many copies of the pages of a route a cache keeps.
type RouteSummary struct {
	Route        string   `json:"route"`
	Keys         []string `json:"keys"` // of the experiments and flags that touch it
	Combinations int      `json:"combinations"`
}

// Check reads and compiles the project, and reports every mistake in its files, with what the gates
// require them to say. It makes no request. If no file has changed since the last check, and that
// found no mistake, it returns the same.
func (w *Workspace) Check(context.Context) (*Checked, error) {
	cache := w.cache(true)
	result := "check " + w.dir // whose paths are joined with that of the directory
	if kept, ok := cache.Result(result); ok {
		s := new(Summary)
		if json.Unmarshal([]byte(kept), s) == nil {
			return &Checked{Problems: config.Problems{}, Project: s}, nil
		}
	}
	defer cache.Save()
	project, problems := config.LoadCached(w.dir, cache)
	if problems == nil {
		problems = project.MissingRequired()
	}
	if problems != nil {
		return &Checked{Problems: problems}, nil
	}
	s, err := w.summarize(project)
	if err != nil {
		return nil, err
	}
	if kept, err := json.Marshal(s); err == nil {
		cache.KeepResult(result, string(kept))
	}
	return &Checked{Problems: config.Problems{}, Project: s}, nil
}

// summarize compiles a project as for the first publish. Without allocations, the time has no
// effect.
func (w *Workspace) summarize(project *config.Project) (*Summary, error) {
	c, err := compileProject(project, &basis{}, w.options.Now())
	if err != nil {
		return nil, err
	}
	s := &Summary{
		Environment: project.Environment, Bucket: project.Bucket,
		Experiments: len(project.Experiments), Flags: len(project.Flags),
		Payload: len(c.Payload.Raw()), Routes: []RouteSummary{},
		ExperimentStatuses: map[config.Status]int{}, FlagStatuses: map[config.Status]int{},
	}
	for _, r := range project.Routes {
		s.Routes = append(s.Routes, RouteSummary{r.Pattern, r.Keys, r.Combinations})
	}
	for _, e := range project.Experiments {
		s.ExperimentStatuses[e.Status]++
	}
	for _, f := range project.Flags {
		s.FlagStatuses[f.Status]++
	}
	return s, nil
}

// loaded is a project with what earlier revisions have allocated.
type loaded struct {
	project *config.Project
	ledger  *compile.Ledger // nil before the first revision
}

// loadWith reads the project and, if live is set, what the live revision has allocated. Without it,
// the project is as before its first publish.
func (w *Workspace) loadWith(ctx context.Context, live bool) (*loaded, error) {
	if !live {
		project, err := w.load(w.files)
		if err != nil {
			return nil, err
		}
		return &loaded{project: project}, nil
	}
	r, found, err := w.live(ctx, w.files)
	if err != nil {
		return nil, err
	}
	return &loaded{r.project, found.Ledger()}, nil
}
