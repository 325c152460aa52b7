package payload

import "github.com/sortition-dev/sortition/bundle/model"

// EveryApplication is the set of all applications, in a payload's column of sets. It includes
// the applications of later revisions.
const EveryApplication = 1<<32 - 1

// Applications returns the names of the applications that the payload is for, ascending. It
// returns none if the directory serves only one application.
func (r *Reader) Applications() ([]string, error) {
	c := r.columnReader()
	names, _ := c.applications(len(c.u32("experiment.key")))
	return names, c.err
}

// applications reads the names of the applications and, for each of n experiments, the indexes
// of the applications that it is for. There are none if the payload has no such columns.
func (c *columnReader) applications(n int) (names []string, of [][]int) {
	if _, ok := c.r.columns["application.name"]; !ok {
		return nil, make([][]int, n)
	}
	for _, id := range c.u32("application.name") {
		names = append(names, c.string(id))
	}
	sets := c.u32("experiment.applications")
	if len(sets) != n || len(names) > model.MaxApplications {
		c.complain("experiment.applications")
		return nil, make([][]int, n)
	}
	of = make([][]int, n)
	for i, set := range sets {
		for bit := 0; set != EveryApplication && bit < len(names); bit++ {
			if set>>bit&1 == 1 {
				of[i] = append(of[i], bit)
			}
		}
		if set != EveryApplication && len(of[i]) == 0 {
			c.complain("experiment.applications")
		}
	}
	return names, of
}
