package control

import "github.com/sortition-dev/sortition/publisher/config"

// maxSeen is the number of revisions that an outline lists.
const maxSeen = 20

// Outline lists what a project has, for lists and completion.
type Outline struct {
	Environments []string `json:"environments"`
	Experiments  []Named  `json:"experiments"`
	Flags        []Named  `json:"flags"`
	Revisions    []uint64 `json:"revisions"` // the newest that the project has seen, newest first
}

// Named is an experiment or flag by its names.
type Named struct {
	Key    string        `json:"key"`
	Name   string        `json:"name"`
	Status config.Status `json:"status"`
}

// Outline reads the files of the project. It makes no request. Where files have mistakes, it lists
// what can be read without them.
func (w *Workspace) Outline() (*Outline, error) {
	target, problems := config.LoadTarget(w.dir)
	if target == nil {
		return nil, problems.Err()
	}
	o := &Outline{Environments: target.EnvironmentNames(), Experiments: []Named{}, Flags: []Named{}, Revisions: []uint64{}}
	if in, err := target.In(w.options.Environment); err == nil {
		if head, err := readSeen(in); err == nil && head != nil {
			for n := head.Revision; n > 0 && len(o.Revisions) < maxSeen; n-- {
				o.Revisions = append(o.Revisions, n)
			}
		}
	}
	project, _ := w.files(w.dir)
	if project == nil {
		return o, nil
	}
	for _, e := range project.Experiments {
		o.Experiments = append(o.Experiments, Named{e.Key, e.Name, e.Status})
	}
	for _, f := range project.Flags {
		o.Flags = append(o.Flags, Named{f.Key, f.Name, f.Status})
	}
	return o, nil
}
