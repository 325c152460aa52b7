package declaration

import (
	"cmp"
	"reflect"
	"slices"
)

// Action says how a part of a project changed.
type Action string

// The actions.
const (
	Added   Action = "added"
	Removed Action = "removed"
	Changed Action = "changed"
)

// Change is the change of one part of a project.
type Change struct {
	What    string   `json:"what"` // "experiment", "flag", "layer", …
	Key     string   `json:"key"`  // empty for a part without a key, such as the units
	Action  Action   `json:"action"`
	Details []Detail `json:"details"` // in the order of the part's fields
}

// Detail is the change of one field, as text.
type Detail struct {
	Field  string `json:"field"`
	Before string `json:"before"` // empty if the field was absent
	After  string `json:"after"`  // empty if the field is absent now
}

// Compare returns the changes between two declarations: first experiments, then flags, then the
// parts that they refer to, each sorted by key. A nil declaration is that of an empty project.
func Compare(before, after *Declaration) []Change {
	a, b := partsOf(before), partsOf(after)
	changes := []Change{}
	for len(a) > 0 || len(b) > 0 {
		switch order := firstOf(a, b); {
		case order < 0:
			changes = append(changes, Change{a[0].what, a[0].key, Removed, details(a[0].fields(), nil)})
			a = a[1:]
		case order > 0:
			changes = append(changes, Change{b[0].what, b[0].key, Added, details(nil, b[0].fields())})
			b = b[1:]
		default:
			if a[0].of != nil && reflect.DeepEqual(a[0].of, b[0].of) { // at once, if they share their lists
				a, b = a[1:], b[1:]
				continue
			}
			if d := details(a[0].fields(), b[0].fields()); len(d) > 0 {
				changes = append(changes, Change{b[0].what, b[0].key, Changed, d})
			}
			a, b = a[1:], b[1:]
		}
	}
	return changes
}

// firstOf returns which of two sorted lists has the first part: a negative number for a, a
// positive one for b, zero if both have it.
func firstOf(a, b []part) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return cmp.Or(cmp.Compare(a[0].kind, b[0].kind), cmp.Compare(a[0].key, b[0].key))
}

// details compares the fields of a part. The result has the order of the fields after the
// change, followed by removed fields.
func details(before, after []field) []Detail {
	changed := []Detail{}
	for _, f := range after {
		i := slices.IndexFunc(before, func(g field) bool { return g.name == f.name })
		was := ""
		if i >= 0 {
			was = before[i].text
		}
		if was != f.text {
			changed = append(changed, Detail{f.name, was, f.text})
		}
	}
	for _, f := range before {
		gone := !slices.ContainsFunc(after, func(g field) bool { return g.name == f.name })
		if gone && f.text != "" {
			changed = append(changed, Detail{f.name, f.text, ""})
		}
	}
	return changed
}
