package request

import "time"

// Names has the numbers of unit types and attributes in a payload, which encoded requests use. It
// is immutable and safe for concurrent use.
type Names struct {
	timeless   bool
	now        func() time.Time
	units      []label
	attributes []label
	numbers    map[string]uint16 // of the attributes
}

// NewNames returns the numbers of unit types and attributes in the order of a program. The names
// must be distinct. Timeless says that no decision depends on the time. A request without a time
// then does not read the clock.
func NewNames(units, attributes []string, timeless bool) *Names {
	n := &Names{
		timeless: timeless, now: time.Now, units: labels(units), attributes: labels(attributes),
		numbers: make(map[string]uint16, len(attributes)),
	}
	for i, name := range attributes {
		n.numbers[name] = uint16(i)
	}
	return n
}

// WithClock returns the same names with a clock, which gives the time of requests that have none.
// The default is [time.Now].
func (n *Names) WithClock(now func() time.Time) *Names {
	timed := *n
	timed.now = now
	return &timed
}

// unit sets the number of an entry to that of its unit type, and reports whether there is one.
func (n *Names) unit(e *entry) bool {
	for i := range n.units {
		if n.units[i].name == e.name {
			e.number = uint16(i)
			return true
		}
	}
	return false
}

// attribute sets the number of an entry to that of its attribute, and reports whether there is one.
func (n *Names) attribute(e *entry) bool {
	number, known := n.numbers[e.name]
	e.number = number
	return known
}
