package declaration

import (
	"cmp"
	"slices"
)

// Action is what has become of a part of a directory.
type Action string

// The actions.
const (
	Added   Action = "added"
	Removed Action = "removed"
	Changed Action = "changed"
)

// Change is what has become of one part of a directory.
type Change struct {
	What    string   `json:"what"` // "experiment", "flag", "layer", …
	Key     string   `json:"key"`  // empty for a part of which there is one, such as the units
	Action  Action   `json:"action"`
	Details []Detail `json:"details"` // in the order of the part's fields
}

// Detail is one field that changed, in words.
type Detail struct {
	Field  string `json:"field"`
	Before string `json:"before"` // empty if the field was not there
	After  string `json:"after"`  // empty if the field is not there any more
}

// Compare tells what changed between two declarations, part by part: first experiments, then
// flags, then what they refer to, each by key. A nil declaration is that of an empty
// directory.
func Compare(before, after *Declaration) []Change {
	a, b := partsOf(before), partsOf(after)
	changes := []Change{}
	for len(a) > 0 || len(b) > 0 {
		switch order := firstOf(a, b); {
		case order < 0:
			changes = append(changes, Change{a[0].what, a[0].key, Removed, details(a[0].fields, nil)})
			a = a[1:]
		case order > 0:
			changes = append(changes, Change{b[0].what, b[0].key, Added, details(nil, b[0].fields)})
			b = b[1:]
		default:
			if d := details(a[0].fields, b[0].fields); len(d) > 0 {
				changes = append(changes, Change{b[0].what, b[0].key, Changed, d})
			}
			a, b = a[1:], b[1:]
		}
	}
	return changes
}

// firstOf says which of two sorted lists has the part that comes first: the first list
// below zero, the second above.
func firstOf(a, b []part) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return cmp.Or(cmp.Compare(a[0].kind, b[0].kind), cmp.Compare(a[0].key, b[0].key))
}

// details compares the fields of a part before and after. A field that is in both stands
// where it stands after.
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
