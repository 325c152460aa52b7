package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
)

// ApplicationCost is what the payload of one application costs hosts.
type ApplicationCost struct {
	Name        string `json:"name"`
	Experiments int    `json:"experiments"` // number of experiments and flags
	Raw         int64  `json:"raw_bytes"`
	Gzip        int64  `json:"gzip_bytes"`
	Zstd        int64  `json:"zstd_bytes"`
}

// applicationCosts makes and packs the payload of each application. It returns nil if there
// are no applications.
func applicationCosts(all *payload.Reader) ([]ApplicationCost, error) {
	names, err := all.Applications()
	if err != nil {
		return nil, err
	}
	var costs []ApplicationCost
	for _, name := range names {
		raw, err := compile.ForApplication(all, name)
		if err != nil {
			return nil, err
		}
		part, err := payload.NewReader(raw)
		if err != nil {
			return nil, err
		}
		work, err := part.Work()
		if err != nil {
			return nil, err
		}
		packed, _, err := bundle.Pack(raw, nil)
		if err != nil {
			return nil, err
		}
		costs = append(costs, ApplicationCost{name, work.Decisions, packed.Raw.Size, packed.Gzip.Size, packed.Zstd.Size})
	}
	return costs, nil
}

// words returns the cost as text, compared with the payload of all applications.
func (c ApplicationCost) words(all *Cost) string {
	return fmt.Sprintf("application %s: %d of %d experiments and flags, %d of %d bytes; download: %d with gzip, %d with zstd",
		c.Name, c.Experiments, all.Work.Decisions, c.Raw, all.Raw, c.Gzip, c.Zstd)
}

// applicationNotes says the hosts of which applications lose or get an experiment or flag
// that stays live.
func (c *comparison) applicationNotes(before, after *model.Experiment) []string {
	all := slices.Concat(c.live.Program.Applications, c.next.Program.Applications)
	slices.Sort(all)
	var lost, got []string
	for _, name := range slices.Compact(all) {
		was, is := serves(c.live.Program, before, name), serves(c.next.Program, after, name)
		switch {
		case was && !is:
			lost = append(lost, name)
		case is && !was:
			got = append(got, name)
		}
	}
	var notes []string
	if lost != nil {
		notes = append(notes, fmt.Sprintf("hosts of %s no longer have it: all their units leave", strings.Join(lost, ", ")))
	}
	if got != nil {
		notes = append(notes, fmt.Sprintf("hosts of %s have it now, for the same units", strings.Join(got, ", ")))
	}
	return notes
}

// serves reports whether hosts of an application have an experiment or flag. Without
// applications, all hosts have everything.
func serves(p *model.Program, e *model.Experiment, name string) bool {
	return len(e.Applications) == 0 || slices.ContainsFunc(e.Applications, func(i int) bool { return p.Applications[i] == name })
}

// together reports whether one application has both.
func together(a, b *model.Experiment) bool {
	return len(a.Applications) == 0 || len(b.Applications) == 0 ||
		slices.ContainsFunc(a.Applications, func(i int) bool { return slices.Contains(b.Applications, i) })
}
