package control

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/explain"
)

// ExplainInput is a request, and which decisions about it are explained.
type ExplainInput struct {
	Keys       []string          // of experiments and flags; none is all
	Units      map[string]string // ids by type of unit
	Attributes map[string]string // values as text; see [Workspace.Explain]
	At         time.Time         // of the decision; now if it is zero

	// Live continues the allocations of the live revision, as publish does.
	Live bool
}

// Explain decides for one unit and says why, step by step. The text of an attribute is read by the
// type that the project declares: a list as a JSON array of strings, a time as RFC 3339 or in
// milliseconds since 1970, a bool as true or false.
func (w *Workspace) Explain(ctx context.Context, in ExplainInput) ([]explain.Explanation, error) {
	l, err := w.loadWith(ctx, in.Live)
	if err != nil {
		return nil, err
	}
	request, err := in.request(l.project, w.options.Now())
	if err != nil {
		return nil, err
	}
	program, err := compile.Program(l.project, l.ledger, w.options.Now())
	if err != nil {
		return nil, &Misconfigured{err}
	}
	chosen, err := choose(l.project, program, in.Keys)
	if err != nil {
		return nil, err
	}
	explanations := make([]explain.Explanation, len(chosen))
	for i, index := range chosen {
		explanations[i] = explain.Experiment(program, index, request)
	}
	return explanations, nil
}

// request reads the input by what the project declares.
func (in *ExplainInput) request(p *config.Project, now time.Time) (explain.Request, error) {
	r := explain.Request{Units: map[string]string{}, Attributes: map[string]any{}, Now: in.At}
	if r.Now.IsZero() {
		r.Now = now
	}
	for unit, id := range in.Units {
		if !slices.Contains(p.Units, unit) {
			return r, unknown("units", fmt.Sprintf("there is no type of unit %q", unit), unit, "units", p.Units)
		}
		r.Units[unit] = id
	}
	for name, text := range in.Attributes {
		i := slices.IndexFunc(p.Attributes, func(a model.Attribute) bool { return a.Name == name })
		if i < 0 {
			names := make([]string, len(p.Attributes))
			for i, a := range p.Attributes {
				names[i] = a.Name
			}
			return r, unknown("attributes", fmt.Sprintf("there is no attribute %q", name), name, "attributes", names)
		}
		value, err := attributeValue(p.Attributes[i].Type, text)
		if err != nil {
			return r, &Invalid{Field: "attributes", Problem: fmt.Sprintf("%s: %v", name, err)}
		}
		r.Attributes[name] = value
	}
	return r, nil
}

// attributeValue reads a value of type t. A version or time is taken as it is, since a request may
// have any string there: the explanation says where that counts as missing.
func attributeValue(t model.Type, text string) (any, error) {
	switch t {
	case model.Number:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return f, nil
	case model.Bool:
		switch text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case model.StringList:
		var list []string
		if err := json.Unmarshal([]byte(text), &list); err != nil || list == nil {
			return nil, fmt.Errorf(`%s is not a JSON array of strings, such as ["a","b"]`, text)
		}
		return list, nil
	case model.Time:
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			return ms, nil
		}
	}
	return text, nil
}

// choose gives the indexes of the named experiments and flags, or of all.
func choose(project *config.Project, p *model.Program, keys []string) ([]int, error) {
	if len(keys) == 0 {
		all := make([]int, len(p.Experiments))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	var chosen []int
	for _, key := range keys {
		i := slices.IndexFunc(p.Experiments, func(e model.Experiment) bool { return e.Key == key })
		if i < 0 {
			return nil, notPublished(project, p, key)
		}
		chosen = append(chosen, i)
	}
	return chosen, nil
}

// notPublished says why the program has no experiment or flag of that key.
func notPublished(project *config.Project, p *model.Program, key string) error {
	for _, e := range project.Experiments {
		if e.Key == key {
			return &Invalid{Problem: fmt.Sprintf("experiment %q is not published: its status is %s", key, e.Status)}
		}
	}
	for _, f := range project.Flags {
		if f.Key == key {
			return &Invalid{Problem: fmt.Sprintf("flag %q is not published: its status is %s", key, f.Status)}
		}
	}
	published := make([]string, len(p.Experiments))
	for i, e := range p.Experiments {
		published[i] = e.Key
	}
	return unknownKey(key, "experiment or flag", "experiments and flags", published)
}

// unknownKey says that a key names nothing. A key that looks like a path is probably a directory.
func unknownKey(key, what, plural string, known []string) *Invalid {
	e := unknown("", fmt.Sprintf("there is no %s %q", what, key), key, plural, known)
	if strings.ContainsAny(key, `/\.`) {
		e.Hint = "it looks like a directory; the directory comes after the key"
	}
	return e
}
