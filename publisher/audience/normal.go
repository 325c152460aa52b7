package audience

import (
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// combine joins two expressions with OpAnd or OpOr. It flattens nested expressions with the same
// operator.
func combine(op model.Op, a, b *model.Expr) *model.Expr {
	if a == nil || b == nil {
		return nil
	}
	var args []*model.Expr
	for _, e := range []*model.Expr{a, b} {
		if e.Op == op {
			args = append(args, e.Args...)
		} else {
			args = append(args, e)
		}
	}
	return &model.Expr{Op: op, Args: args}
}

// not negates an expression. It removes a double negation.
func not(e *model.Expr) *model.Expr {
	switch {
	case e == nil:
		return nil
	case e.Op == model.OpNot:
		return e.Args[0]
	}
	return &model.Expr{Op: model.OpNot, Args: []*model.Expr{e}}
}

func negateIf(negate bool, e *model.Expr) *model.Expr {
	if negate {
		return not(e)
	}
	return e
}

// anyOf returns a test of an attribute against several strings, one of which must hold.
func anyOf(op model.Op, attr int, values []string) *model.Expr {
	values = slices.Clone(values)
	slices.Sort(values)
	return &model.Expr{Op: op, Attr: attr, Strings: slices.Compact(values)}
}

// equalAny returns a test whether an attribute, of a type with an order, equals one of several
// values.
func equalAny(attr int, values []model.Value) *model.Expr {
	var args []*model.Expr
	for _, v := range values {
		if !slices.ContainsFunc(args, func(e *model.Expr) bool { return sameValue(e.Value, v) }) {
			args = append(args, &model.Expr{Op: model.OpEqual, Attr: attr, Value: v})
		}
	}
	if len(args) == 1 {
		return args[0]
	}
	return &model.Expr{Op: model.OpOr, Args: args}
}

func sameValue(a, b model.Value) bool { return a.Ordered == b.Ordered && a.Version == b.Version }
