package compile

import (
	"reflect"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Relation compares the set of requests that one audience matches with that of another.
type Relation uint8

// The relations. All but Unknown are certain.
const (
	Unknown  Relation = iota // tests that no index can hold decide, or it would take too long
	Same                     // the same requests
	Within                   // all requests of the first are the second's, too
	Around                   // all requests of the second are the first's, too
	Apart                    // no request is of both
	Overlaps                 // some requests are of both, some of each alone
)

// String is the relation as a verb.
func (r Relation) String() string {
	return [...]string{"may overlap", "is the same as", "lies within", "contains", "lies apart from", "overlaps"}[r]
}

// maxPieces bounds what a comparison cuts an audience into.
const maxPieces = 2_048

// Relate compares two audiences of a program, of which nil matches every request. An
// audience that is too complex to be compiled has the relation Unknown to all others.
func Relate(p *model.Program, a, b *model.Expr) Relation {
	s := newSpace(p, a, b)
	first, ok := s.clauses(a)
	second, alsoOK := s.clauses(b)
	if !ok || !alsoOK {
		return Unknown
	}
	if s.apart(first, second) == certain {
		return Apart
	}
	within, around := s.within(first, second), s.within(second, first)
	switch {
	case within == certain && around == certain:
		return Same
	case within == certain:
		return Within
	case around == certain:
		return Around
	case within == impossible && around == impossible && s.apart(first, second) == impossible:
		return Overlaps
	}
	return Unknown
}

// MatchesNobody reports whether it is certain that no request matches an audience.
func MatchesNobody(p *model.Program, e *model.Expr) bool {
	s := newSpace(p, e)
	clauses, ok := s.clauses(e)
	return ok && len(clauses) == 0
}

// verdict is what is known of a statement.
type verdict uint8

const (
	open verdict = iota
	certain
	impossible
)

// space is what some audiences divide requests by.
type space struct {
	program *model.Program
	axes    *axes
}

func newSpace(p *model.Program, audiences ...*model.Expr) *space {
	return &space{p, collectAxes(p.Attributes, audiences)}
}

// clauses are the clauses of an audience that a request can satisfy.
func (s *space) clauses(e *model.Expr) ([]clause, bool) {
	all, err := normalizer{s.axes}.audience(e)
	if err != nil {
		return nil, false
	}
	return slices.DeleteFunc(all, func(c clause) bool { return !s.possible(c) }), true
}

// possible reports whether the conditions of a clause can hold together. The axes of one
// list are for the same attribute, and those of segments for the same unit: it is missing
// on all of them or on none.
func (s *space) possible(c clause) bool {
	type source struct {
		segment bool
		of      int
	}
	missing, there := map[source]bool{}, map[source]bool{}
	for _, l := range c.literals {
		a := &s.axes.all[l.axis]
		from := source{of: a.of}
		if a.kind == axisSegment {
			from = source{true, s.program.Segments[a.of].Unit}
		}
		if _, seen := missing[from]; !seen {
			missing[from], there[from] = true, true
		}
		missing[from] = missing[from] && l.cells.has(0)
		some := slices.Clone(l.cells.words)
		some[0] &^= 1
		there[from] = there[from] && popcount(some) > 0
		if !missing[from] && !there[from] {
			return false
		}
	}
	return true
}

// meet is what two clauses have in common, and whether that is anything.
func (s *space) meet(a, b clause) (clause, bool) {
	c, ok := a.and(b)
	return c, ok && s.possible(c)
}

// apart says whether no request matches both.
func (s *space) apart(a, b []clause) verdict {
	result := certain
	for _, x := range a {
		for _, y := range b {
			switch both, ok := s.meet(x, y); {
			case !ok:
			case len(both.tests) == 0:
				return impossible
			default:
				result = open
			}
		}
	}
	return result
}

// within says whether every request that matches a matches b: it cuts from a what each
// clause of b covers, and looks at what is left.
func (s *space) within(a, b []clause) verdict {
	left := slices.Clone(a)
	var doubtful []clause // those of b that may cover more than is cut
	for _, cut := range b {
		var next []clause
		for _, piece := range left {
			if coveredTests(piece, cut) {
				next = append(next, s.cut(piece, cut)...)
			} else {
				next = append(next, piece)
				doubtful = append(doubtful, cut)
			}
			if len(next) > maxPieces {
				return open
			}
		}
		left = next
	}
	if len(left) == 0 {
		return certain
	}
	for _, piece := range left {
		if len(piece.tests) == 0 && !slices.ContainsFunc(doubtful, func(c clause) bool {
			_, meets := s.meet(piece, c)
			return meets
		}) {
			return impossible
		}
	}
	return open
}

// coveredTests reports whether all tests of the cut are the piece's own.
func coveredTests(piece, cut clause) bool {
	for _, t := range cut.tests {
		if !slices.ContainsFunc(piece.tests, func(u test) bool { return reflect.DeepEqual(t, u) }) {
			return false
		}
	}
	return true
}

// cut takes the cells of a clause out of a piece and gives what is left, in pieces that do
// not overlap.
func (s *space) cut(piece, by clause) []clause {
	if _, meets := s.meet(piece, by); !meets {
		return []clause{piece}
	}
	var left []clause
	for _, l := range by.literals {
		outside := clause{literals: []literal{{l.axis, l.cells.complement()}}}
		if rest, ok := s.meet(piece, outside); ok {
			left = append(left, rest)
		}
		piece, _ = s.meet(piece, clause{literals: []literal{l}})
	}
	return left
}
