package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/closest"
)

// resolvePrerequisites resolves the prerequisites of experiments and flags, and reports those
// that can never hold.
func (l *loader) resolvePrerequisites(subjects []subject) {
	r := &prerequisiteResolver{loader: l, byKey: make(map[string]*subject, len(subjects))}
	for i := range subjects {
		if key := subjects[i].key; key.Given() && r.byKey[key.Value] == nil {
			r.byKey[key.Value] = &subjects[i]
			r.keys = append(r.keys, key.Value)
		}
	}
	for i := range subjects {
		r.resolve(&subjects[i])
	}
	for i := range subjects {
		r.follow(&subjects[i])
	}
}

type prerequisiteResolver struct {
	*loader
	byKey map[string]*subject
	keys  []string
	path  []*subject // each requires the next
}

// resolve sets the prerequisites of x.
func (r *prerequisiteResolver) resolve(x *subject) {
	for _, entry := range x.required.Items {
		if !entry.Key.Given() {
			continue
		}
		other := r.byKey[entry.Key.Value]
		if other == nil {
			r.fail(entry.Key.Pos, fmt.Sprintf("unknown experiment or flag %q", entry.Key.Value),
				closest.Hint(entry.Key.Value, "experiments and flags", r.keys))
			continue
		}
		if slices.ContainsFunc(*x.prerequisites, func(p Prerequisite) bool { return p.Key == entry.Key.Value }) {
			r.fail(entry.Key.Pos, fmt.Sprintf("%q is required twice", entry.Key.Value), "list all accepted variants in one prerequisite")
			continue
		}
		r.checkPossible(x, other, entry.Key.Pos)
		r.checkScope(x, other, entry.Key.Pos)
		*x.prerequisites = append(*x.prerequisites, Prerequisite{Key: entry.Key.Value, Variants: r.accepted(entry, other)})
	}
}

// accepted returns the indexes of the accepted variants.
func (r *prerequisiteResolver) accepted(entry PrerequisiteEntry, other *subject) []int {
	if entry.Variants.Pos != (Pos{}) && len(entry.Variants.Items) == 0 {
		r.fail(entry.Variants.Pos, "the list of variants is empty, so the prerequisite never holds", "write variants: ["+firstKey(other.variants)+"]")
	}
	if other.variants == nil { // they have mistakes, which were reported
		return nil
	}
	return r.lookupAll(entry.Variants.Items, "variant", "variants", variantKeys(other.variants))
}

// checkPossible reports that other can never give a variant to a unit of x.
func (r *prerequisiteResolver) checkPossible(x, other *subject, at Pos) {
	switch {
	case x == other: // a cycle
	case x.status.Live() && other.status == Draft:
		r.fail(at, fmt.Sprintf("%q is a draft and gives no unit a variant, so the prerequisite never holds", other.key.Value),
			"set its status to running, or remove the prerequisite")
	case x.status.Live() && other.status == Stopped:
		r.fail(at, fmt.Sprintf("%q is stopped and gives no unit a variant, so the prerequisite never holds", other.key.Value),
			"make a flag of its winner and require the flag, or remove the prerequisite")
	case x.layer != model.None && x.layer == other.layer:
		r.fail(at, fmt.Sprintf("%q is in the same layer, so no unit is in both experiments", other.key.Value), "move one of them to another layer")
	}
}

// follow computes the depth of x. It reports each cycle once, where it closes, and each chain
// that is too long once, where it exceeds the limit.
func (r *prerequisiteResolver) follow(x *subject) {
	if x.followed {
		return
	}
	x.followed, x.onPath = true, true
	r.path = append(r.path, x)
	for _, entry := range x.required.Items {
		other := r.byKey[entry.Key.Value]
		switch {
		case other == nil:
			continue
		case other.onPath:
			cycle := slices.Concat(r.path[slices.Index(r.path, other):], []*subject{other})
			r.fail(entry.Key.Pos, "experiments and flags require each other in a cycle", chain(cycle))
			continue
		}
		r.follow(other)
		if depth := other.depth + 1; depth > x.depth {
			x.depth, x.deepest = depth, other
		}
	}
	r.path = r.path[:len(r.path)-1]
	x.onPath = false
	if x.depth == model.MaxPrerequisiteDepth+1 { // only once: not again for what requires x
		r.fail(x.required.Pos, fmt.Sprintf("the chain of prerequisites is %d long; the limit is %d", x.depth, model.MaxPrerequisiteDepth), x.chain())
	}
}

// chain returns the longest chain of prerequisites from x.
func (x *subject) chain() string {
	var subjects []*subject
	for ; x != nil; x = x.deepest {
		subjects = append(subjects, x)
	}
	return chain(subjects)
}

func chain(subjects []*subject) string {
	return strings.Join(keysOf(subjects, func(x *subject) string { return x.key.Value }), " → ")
}
