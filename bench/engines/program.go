// Package engines has the contestants that are written in Go.
//
// This package is internal to Sortition and may change without notice.
package engines

import (
	"fmt"
	"strconv"

	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
)

const environment = "bench"

const unitType = "user"

var modelTypes = map[workload.Type]model.Type{
	workload.String: model.String, workload.Number: model.Number, workload.Bool: model.Bool, workload.Version: model.Version,
}

// Program converts the workload to a program of Sortition.
func Program(w *workload.Workload) *model.Program {
	p := &model.Program{Units: []string{unitType}}
	attributes, segments := map[string]int{}, map[string]int{}
	for i, a := range w.Attributes {
		attributes[a.Name] = i
		p.Attributes = append(p.Attributes, model.Attribute{Name: a.Name, Type: modelTypes[a.Type]})
	}
	for i, s := range w.Segments {
		segments[s.Key] = i
		p.Segments = append(p.Segments, model.Segment{Key: s.Key, Hashes: idHashes(s.IDs)})
	}
	for _, e := range w.Experiments {
		var some []*model.Expr
		for _, tests := range e.Any {
			var all []*model.Expr
			for _, t := range tests {
				all = append(all, expression(t, attributes[t.Attribute], segments[t.Text]))
			}
			some = append(some, join(model.OpAnd, all))
		}
		p.Experiments = append(p.Experiments, model.Experiment{
			Key: e.Key, Salt: e.Key, Layer: model.None, Default: model.None, Phase: 1,
			Routes:   e.Routes,
			Variants: []model.Variant{variant(workload.Control), variant(workload.Treatment)},
			Rules: []model.Rule{{
				Audience: join(model.OpOr, some),
				Slots:    []model.Range{{From: 0, To: model.Slots}}, Traffic: model.Slots,
				Split: []model.Share{{To: model.Slots / 2, Variant: 0}, {To: model.Slots, Variant: 1}},
			}},
		})
	}
	return p
}

func variant(key string) model.Variant {
	return model.Variant{Key: key, Name: key, Config: strconv.Quote(key)}
}

func join(op model.Op, args []*model.Expr) *model.Expr {
	if len(args) == 1 {
		return args[0]
	}
	return &model.Expr{Op: op, Args: args}
}

func not(e *model.Expr) *model.Expr { return &model.Expr{Op: model.OpNot, Args: []*model.Expr{e}} }

func expression(t workload.Test, attribute, segment int) *model.Expr {
	e := &model.Expr{Attr: attribute}
	switch t.Op {
	case workload.In:
		e.Op, e.Strings = model.OpIn, t.Strings
	case workload.VersionAtLeast:
		key, ok := assign.VersionKey(t.Text)
		if !ok {
			panic("not a version: " + t.Text)
		}
		e.Op, e.Value = model.OpLess, model.Value{Version: key, Text: t.Text}
		return not(e)
	case workload.NumberAtLeast, workload.NumberBelow:
		key, _ := assign.NumberKey(t.Number)
		e.Op, e.Value = model.OpLess, model.Value{Ordered: key, Text: fmt.Sprint(t.Number)}
		if t.Op == workload.NumberAtLeast {
			return not(e)
		}
	case workload.IsTrue:
		e.Op = model.OpTrue
	case workload.HasPrefix:
		e.Op, e.Strings = model.OpPrefix, []string{t.Text}
	case workload.Contains:
		e.Op, e.Strings = model.OpContains, []string{t.Text}
	case workload.InSegment:
		e.Op, e.Segment = model.OpSegment, segment
	}
	return e
}
