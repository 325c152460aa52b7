package compile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// MaxClauses is the largest number of clauses of one audience. An "and" of "or"s expands to a
// number of clauses that can be exponential.
const MaxClauses = 256

// ErrTooComplex is the error for an audience with more than [MaxClauses] clauses.
var ErrTooComplex = errors.New("audience too complex")

// A clause is a conjunction. On each of its axes the request must fall in one of the cells, and
// every test must pass. An audience matches if one of its clauses does.
type clause struct {
	literals []literal // ascending by axis
	tests    []test
}

type literal struct {
	axis  int
	cells bitset
}

// test is a condition that the index cannot express.
type test struct {
	*model.Expr
	negated bool
}

// normalizer converts audiences to clauses on the axes of an index.
type normalizer struct{ axes *axes }

// audience returns the clauses of an expression; nil matches everything.
func (n normalizer) audience(e *model.Expr) ([]clause, error) {
	if e == nil {
		return []clause{{}}, nil
	}
	return n.clauses(e, false)
}

// clauses moves negations down to the tests and expands the expression. A test and its negation
// are both false for a missing value.
func (n normalizer) clauses(e *model.Expr, negated bool) ([]clause, error) {
	switch e.Op {
	case model.OpNot:
		return n.clauses(e.Args[0], !negated)
	case model.OpAnd, model.OpOr:
		if (e.Op == model.OpAnd) != negated {
			return n.and(e.Args, negated)
		}
		return n.or(e.Args, negated)
	case model.OpHas:
		return n.has(e, negated)
	}
	if _, residual := testOps[e.Op]; residual {
		return []clause{{tests: []test{{e, negated}}}}, nil
	}
	axis, cells := n.axes.cells(e)
	if negated {
		cells = cells.complement()
		cells.clear(0)
		if e.Op == model.OpPresent {
			cells = newBitset(cells.n)
			cells.set(0)
		}
	}
	return []clause{{literals: []literal{{axis, cells}}}}, nil
}

// has converts "contains one of" to an "or" over one axis for each value.
func (n normalizer) has(e *model.Expr, negated bool) ([]clause, error) {
	var all []clause
	one := clause{}
	for _, s := range e.Strings {
		axis, cells := n.axes.list(e.Attr, s)
		if negated {
			cells = newBitset(cells.n)
			cells.set(1)
			one.literals = append(one.literals, literal{axis, cells})
			continue
		}
		all = append(all, clause{literals: []literal{{axis, cells}}})
	}
	if negated {
		slices.SortFunc(one.literals, func(a, b literal) int { return a.axis - b.axis })
		return []clause{one}, nil
	}
	return limited(all)
}

func (n normalizer) and(args []*model.Expr, negated bool) ([]clause, error) {
	product := []clause{{}}
	for _, arg := range args {
		factor, err := n.clauses(arg, negated)
		if err != nil {
			return nil, err
		}
		var next []clause
		for _, a := range product {
			for _, b := range factor {
				if c, ok := a.and(b); ok {
					next = append(next, c)
				}
			}
			if len(next) > MaxClauses {
				return limited(next)
			}
		}
		product = next
	}
	return product, nil
}

// or joins the clauses of its arguments. It merges clauses that consist of a single condition on
// the same axis.
func (n normalizer) or(args []*model.Expr, negated bool) ([]clause, error) {
	var sum []clause
	single := map[int]int{} // axis → index into sum
	for _, arg := range args {
		term, err := n.clauses(arg, negated)
		if err != nil {
			return nil, err
		}
		for _, c := range term {
			if len(c.literals) == 1 && len(c.tests) == 0 {
				axis := c.literals[0].axis
				if i, ok := single[axis]; ok {
					cells := sum[i].literals[0].cells.union(c.literals[0].cells)
					sum[i].literals = []literal{{axis, cells}}
					continue
				}
				single[axis] = len(sum)
			}
			sum = append(sum, c)
		}
		if len(sum) > MaxClauses {
			return limited(sum)
		}
	}
	return sum, nil
}

func limited(c []clause) ([]clause, error) {
	if len(c) > MaxClauses {
		return nil, fmt.Errorf("%w: expanded, it has more than %d alternatives: split it, or use segments for parts of it", ErrTooComplex, MaxClauses)
	}
	return c, nil
}

// and returns the conjunction of two clauses. It reports false if no request can satisfy both.
func (c clause) and(d clause) (clause, bool) {
	joined := clause{tests: slices.Concat(c.tests, d.tests)}
	i, j := 0, 0
	for i < len(c.literals) || j < len(d.literals) {
		switch {
		case j == len(d.literals) || i < len(c.literals) && c.literals[i].axis < d.literals[j].axis:
			joined.literals = append(joined.literals, c.literals[i])
			i++
		case i == len(c.literals) || d.literals[j].axis < c.literals[i].axis:
			joined.literals = append(joined.literals, d.literals[j])
			j++
		default:
			cells := c.literals[i].cells.intersection(d.literals[j].cells)
			if cells.empty() {
				return clause{}, false
			}
			joined.literals = append(joined.literals, literal{c.literals[i].axis, cells})
			i, j = i+1, j+1
		}
	}
	return joined, true
}
