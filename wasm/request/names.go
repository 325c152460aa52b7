package request

import "time"

// Names are the numbers that a payload gives to unit types and attributes, by which
// requests name them. They do not change and are safe for concurrent use.
type Names struct {
	timeless   bool
	now        func() time.Time
	units      []string
	attributes []string
	numbers    map[string]uint16 // of the attributes
}

// NewNames numbers unit types and attributes, whose names differ, in the order in which
// a program has them. Timeless says that no decision depends on the time,
// so that a request without one need not look at the clock.
func NewNames(units, attributes []string, timeless bool) *Names {
	n := &Names{timeless: timeless, now: time.Now, units: units, attributes: attributes, numbers: make(map[string]uint16, len(attributes))}
	for i, name := range attributes {
		n.numbers[name] = uint16(i)
	}
	return n
}

// WithClock returns the same names for requests that are decided at the time of a clock where
// they have none of their own. Without it that is time.Now.
func (n *Names) WithClock(now func() time.Time) *Names {
	timed := *n
	timed.now = now
	return &timed
}

// unit numbers the entry's unit type.
func (n *Names) unit(e *entry) bool {
	for i, name := range n.units {
		if name == e.name {
			e.number = uint16(i)
			return true
		}
	}
	return false
}

// attribute numbers the entry's attribute. Most requests have the attributes of the one
// before, in its order, so the number that the entry has is tried first.
func (n *Names) attribute(e *entry) bool {
	if int(e.number) < len(n.attributes) && n.attributes[e.number] == e.name {
		return true
	}
	number, known := n.numbers[e.name]
	e.number = number
	return known
}
