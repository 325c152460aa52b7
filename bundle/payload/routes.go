package payload

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/route"
)

// Routes returns the routes of the payload's experiments and flags, by their index in the
// catalog. The table is empty if the payload has none.
func (r *Reader) Routes() (*route.Table, error) {
	c, t := r.columnReader(), new(route.Table)
	n := len(c.u32("experiment.key"))
	for i, patterns := range c.routes(n) {
		for _, pattern := range patterns {
			if err := t.Add(pattern, i); err != nil {
				return nil, fmt.Errorf("%w: the route %q: %w", ErrFormat, pattern, err)
			}
		}
	}
	return t, c.err
}

// Sticky returns, by index in the catalog, whether hosts are asked to keep the variant that an
// experiment or flag gave.
func (r *Reader) Sticky() ([]bool, error) {
	c := r.columnReader()
	sticky := make([]bool, len(c.u32("experiment.key")))
	for i, b := range c.sticky(len(sticky)) {
		sticky[i] = b == 1
	}
	return sticky, c.err
}

// routes returns the patterns of n experiments; none if the payload has no such columns.
func (c *columnReader) routes(n int) [][]string {
	patterns := make([][]string, n)
	if _, ok := c.r.columns["route.pattern"]; !ok {
		return patterns
	}
	ids := c.u32("route.pattern")
	for i, part := range c.parts("experiment.routes.end", n, len(ids)) {
		for _, id := range of(ids, part) {
			patterns[i] = append(patterns[i], c.string(id))
		}
	}
	return patterns
}

func (c *columnReader) sticky(n int) []byte {
	if _, ok := c.r.columns["experiment.sticky"]; !ok {
		return make([]byte, n)
	}
	sticky := c.u8("experiment.sticky")
	if len(sticky) != n {
		c.complain("experiment.sticky")
		return make([]byte, n)
	}
	return sticky
}
