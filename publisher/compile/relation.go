package compile

import (
	"reflect"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Relation is the relation between the sets of requests that two audiences match.
type Relation uint8

// The relations. Except for Unknown, they are certain.
const (
	Unknown  Relation = iota // residual tests decide, or the comparison takes too long
	Same                     // the same requests
	Within                   // the second audience matches all requests of the first
	Around                   // the first audience matches all requests of the second
	Apart                    // no request matches both
	Overlaps                 // some requests match both, and some only one of each
)

// String returns the relation as a verb.
func (r Relation) String() string {
	return [...]string{"may overlap", "is the same as", "is within", "contains", "is apart from", "overlaps"}[r]
}

// maxPieces is the largest number of pieces into which a comparison divides an audience.
const maxPieces = 2_048

// Relate returns the relation between two audiences of a program. A nil audience matches every
// request. If an audience is too complex to compile, the relation is [Unknown].
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

// MatchesNobody reports whether certainly no request matches an audience.
func MatchesNobody(p *model.Program, e *model.Expr) bool {
	if satisfiable(e, map[origin]bool{}) {
		return false
	}
	s := newSpace(p, e)
	clauses, ok := s.clauses(e)
	return ok && len(clauses) == 0
}

// origin is what a request gives once: an attribute, or the unit of a type.
type origin struct {
	segment bool
	of      int
}

// satisfiable reports that some request matches the expression, if that is plain: tests that are
// joined by "and" are of different attributes, and at most one is of a segment. It adds these
// attributes to used. Most audiences are so plain.
func satisfiable(e *model.Expr, used map[origin]bool) bool {
	if e == nil {
		return true
	}
	switch e.Op {
	case model.OpAnd:
		for _, arg := range e.Args {
			if !satisfiable(arg, used) {
				return false
			}
		}
		return true
	case model.OpOr:
		return satisfiable(e.Args[0], used)
	case model.OpNot:
		switch e.Args[0].Op {
		case model.OpAnd, model.OpOr, model.OpNot:
			return false
		}
		return satisfiable(e.Args[0], used)
	case model.OpSame, model.OpBefore, model.OpBeforeEq:
		return false
	case model.OpIn, model.OpHas:
		if len(e.Strings) == 0 {
			return false
		}
	}
	from := origin{of: e.Attr}
	if e.Op == model.OpSegment {
		from = origin{segment: true} // of whatever unit
	}
	fresh := !used[from]
	used[from] = true
	return fresh
}

// verdict is the truth of a statement as far as it is known.
type verdict uint8

const (
	open verdict = iota
	certain
	impossible
)

// space has the axes of some audiences.
type space struct {
	program *model.Program
	axes    *axes
}

func newSpace(p *model.Program, audiences ...*model.Expr) *space {
	return &space{p, collectAxes(p.Attributes, audiences)}
}

// clauses returns the clauses of an audience that a request can satisfy.
func (s *space) clauses(e *model.Expr) ([]clause, bool) {
	all, err := normalizer{s.axes}.audience(e)
	if err != nil {
		return nil, false
	}
	return slices.DeleteFunc(all, func(c clause) bool { return !s.possible(c) }), true
}

// possible reports whether the conditions of a clause can hold together. All axes of a list have
// the same attribute, and all segments of a unit type the same unit: it is missing on all of
// these axes or on none.
func (s *space) possible(c clause) bool {
	missing, there := map[origin]bool{}, map[origin]bool{}
	for _, l := range c.literals {
		a := &s.axes.all[l.axis]
		from := origin{of: a.of}
		if a.kind == axisSegment {
			from = origin{true, s.program.Segments[a.of].Unit}
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

// meet returns the conjunction of two clauses, and whether a request can satisfy it.
func (s *space) meet(a, b clause) (clause, bool) {
	c, ok := a.and(b)
	return c, ok && s.possible(c)
}

// apart returns whether no request matches both.
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

// within returns whether every request that matches a also matches b. It removes from a the
// requests of each clause of b, and checks whether any are left.
func (s *space) within(a, b []clause) verdict {
	left := slices.Clone(a)
	var doubtful []clause // clauses of b that may cover more than was removed
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

// coveredTests reports whether the piece has all tests of the clause to remove.
func coveredTests(piece, cut clause) bool {
	for _, t := range cut.tests {
		if !slices.ContainsFunc(piece.tests, func(u test) bool { return reflect.DeepEqual(t, u) }) {
			return false
		}
	}
	return true
}

// cut removes the cells of a clause from a piece. It returns the remainder in pieces that do not
// overlap.
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
