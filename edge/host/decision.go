package host

import (
	"fmt"
	"iter"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// Decision is the result for one experiment or flag. It is a small value: it has indexes, and its
// methods look up what they mean in the bundle that decided. So a Decision keeps that bundle in
// memory. The zero Decision is that of nothing: it is not assigned, and all of its methods return
// zero values. Decisions are comparable, and safe for concurrent use.
type Decision struct {
	snapshot *snapshot // that decided; nil in the zero Decision
	record   abi.Record
}

// Experiment returns the key of the experiment or flag.
func (d Decision) Experiment() string {
	if d.snapshot == nil {
		return ""
	}
	return d.snapshot.Catalog.Key(d.index())
}

// Kind returns which of the two it is.
func (d Decision) Kind() model.Kind {
	if d.snapshot == nil {
		return 0
	}
	return d.snapshot.Catalog.Kind(d.index())
}

// Assigned reports whether the decision has a variant.
func (d Decision) Assigned() bool { return d.snapshot != nil && d.record.Variant() != abi.NoVariant }

// Variant returns the key of the variant, or "" if none is assigned.
func (d Decision) Variant() string {
	if !d.Assigned() {
		return ""
	}
	return d.variant().Key
}

// Name returns the display name of the variant, or "" if none is assigned.
func (d Decision) Name() string {
	if !d.Assigned() {
		return ""
	}
	return d.variant().Name
}

// Config returns the variant's configuration in JSON, or "" if none is assigned.
func (d Decision) Config() string {
	if !d.Assigned() {
		return ""
	}
	return d.variant().Config
}

// Reason returns why the decision has this variant, or none. It is [abi.ReasonNone] only for the
// zero Decision.
func (d Decision) Reason() abi.Reason { return d.record.Reason() }

// Rule returns the index of the rule that decided, for [abi.ReasonSplit], and 0 otherwise.
func (d Decision) Rule() int { return int(d.record.Rule()) }

// Unit returns the unit type of the experiment or flag.
func (d Decision) Unit() string {
	if d.snapshot == nil {
		return ""
	}
	return d.snapshot.Catalog.Unit(d.index())
}

// Phase returns the phase of the allocation.
func (d Decision) Phase() int {
	if d.snapshot == nil {
		return 0
	}
	return d.snapshot.Catalog.Phase(d.index())
}

// Sticky reports whether the experiment is sticky: the caller should keep the variant of a visitor.
func (d Decision) Sticky() bool { return d.snapshot != nil && d.snapshot.Sticky[d.index()] }

// Revision returns the revision of the bundle that decided.
func (d Decision) Revision() uint64 { return d.snapshot.revision() }

// Stale reports whether the bundle that decided has expired while the host had no newer one.
func (d Decision) Stale() bool { return d.snapshot.isStale() }

// WithVariant returns the decision with another variant of the experiment, another reason, and rule
// 0. If there is no variant with this key, it returns the unchanged decision and false.
func (d Decision) WithVariant(key string, reason abi.Reason) (Decision, bool) {
	if d.snapshot == nil {
		return d, false
	}
	for i := range d.snapshot.Catalog.Variants(d.index()) {
		if d.snapshot.Catalog.Variant(d.index(), i).Key == key {
			d.record = d.record.With(uint16(i), reason)
			return d, true
		}
	}
	return d, false
}

// String returns the decision as a phrase for people.
func (d Decision) String() string {
	switch {
	case d.snapshot == nil:
		return "no decision"
	case !d.Assigned():
		return fmt.Sprintf("%s has no variant (%v), revision %d", d.Experiment(), d.Reason(), d.Revision())
	}
	return fmt.Sprintf("%s is %s (%v), revision %d", d.Experiment(), d.Variant(), d.Reason(), d.Revision())
}

func (d Decision) index() int { return int(d.record.Experiment()) }

func (d Decision) variant() model.Variant {
	return d.snapshot.Catalog.Variant(d.index(), int(d.record.Variant()))
}

// Decisions are the results of one call, all from one bundle. They have 8 bytes for each decision,
// and keep the bundle in memory. The zero value is empty. A call that fills Decisions replaces what
// was in them and reuses their memory, so that deciding with the same Decisions again and again
// does not allocate. Decisions are safe for concurrent reading.
type Decisions struct {
	snapshot *snapshot
	records  []abi.Record // unknownRecord is that of the zero Decision
}

// unknownRecord stands for a key that the bundle does not have. No experiment has this index.
const unknownRecord = abi.Record(1<<32 - 1 | abi.NoVariant<<32)

// Len returns the number of decisions.
func (d *Decisions) Len() int { return len(d.records) }

// At returns a decision. It panics if i is not 0 to Len - 1.
func (d *Decisions) At(i int) Decision {
	if r := d.records[i]; r != unknownRecord {
		return Decision{d.snapshot, r}
	}
	return Decision{}
}

// All returns the decisions in order.
func (d *Decisions) All() iter.Seq[Decision] {
	return func(yield func(Decision) bool) {
		for i := range d.records {
			if !yield(d.At(i)) {
				return
			}
		}
	}
}

// Revision returns the revision of the bundle that decided, also if there are no decisions. It is 0
// only before a call has filled d.
func (d *Decisions) Revision() uint64 { return d.snapshot.revision() }

// Stale reports the same as [Decision.Stale], also if there are no decisions.
func (d *Decisions) Stale() bool { return d.snapshot.isStale() }

// grow makes room for n decisions.
func (d *Decisions) grow(n int) { d.records = slices.Grow(d.records, n) }
