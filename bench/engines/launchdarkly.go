package engines

import (
	"encoding/json"

	"github.com/launchdarkly/go-sdk-common/v3/ldcontext"
	"github.com/launchdarkly/go-sdk-common/v3/ldreason"
	"github.com/launchdarkly/go-sdk-common/v3/ldvalue"
	evaluation "github.com/launchdarkly/go-server-sdk-evaluation/v3"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldbuilders"
	"github.com/launchdarkly/go-server-sdk-evaluation/v3/ldmodel"

	"github.com/sortition-dev/sortition/bench/workload"
)

// LaunchDarkly is the evaluator of LaunchDarkly's SDK for Go servers. Each alternative of an
// experiment is a rule.
//
// The SDK keeps flags in a map by key, and walks the map to evaluate all of them. This
// contestant does the same. If InOrder is set, it keeps the flags in one slice instead, of
// which CPU caches hold more.
type LaunchDarkly struct {
	InOrder bool

	requests  []workload.Request
	keys      []string
	config    []byte
	flags     []ldmodel.FeatureFlag           // if InOrder
	store     map[string]*ldmodel.FeatureFlag // otherwise
	segments  map[string]*ldmodel.Segment
	evaluator evaluation.Evaluator
	sink      int
}

type launchDarklyConfig struct {
	Flags    []ldmodel.FeatureFlag `json:"flags"`
	Segments []ldmodel.Segment     `json:"segments"`
}

// Prepare implements contest.Contestant.
func (l *LaunchDarkly) Prepare(w *workload.Workload, _ string) (err error) {
	l.requests = w.Requests
	var config launchDarklyConfig
	for _, s := range w.Segments {
		config.Segments = append(config.Segments, ldbuilders.NewSegmentBuilder(s.Key).Included(s.IDs...).Build())
	}
	for _, e := range w.Experiments {
		flag := ldbuilders.NewFlagBuilder(e.Key).Version(1).On(true).Salt(e.Key).
			Variations(ldvalue.String(workload.Control), ldvalue.String(workload.Treatment)).
			OffVariation(0).FallthroughVariation(0)
		for _, tests := range e.Any {
			var clauses []ldmodel.Clause
			for _, t := range tests {
				clauses = append(clauses, launchDarklyClause(t))
			}
			flag.AddRule(ldbuilders.NewRuleBuilder().Clauses(clauses...).VariationOrRollout(
				ldbuilders.Rollout(ldbuilders.Bucket(0, 50_000), ldbuilders.Bucket(1, 50_000))))
		}
		config.Flags = append(config.Flags, flag.Build())
		l.keys = append(l.keys, e.Key)
	}
	l.config, err = json.Marshal(config)
	return err
}

func launchDarklyClause(t workload.Test) ldmodel.Clause {
	switch t.Op {
	case workload.In:
		values := make([]ldvalue.Value, len(t.Strings))
		for i, s := range t.Strings {
			values[i] = ldvalue.String(s)
		}
		return ldbuilders.Clause(t.Attribute, ldmodel.OperatorIn, values...)
	case workload.VersionAtLeast:
		return ldbuilders.Negate(ldbuilders.Clause(t.Attribute, ldmodel.OperatorSemVerLessThan, ldvalue.String(t.Text)))
	case workload.NumberAtLeast:
		return ldbuilders.Clause(t.Attribute, ldmodel.OperatorGreaterThanOrEqual, ldvalue.Float64(t.Number))
	case workload.NumberBelow:
		return ldbuilders.Clause(t.Attribute, ldmodel.OperatorLessThan, ldvalue.Float64(t.Number))
	case workload.IsTrue:
		return ldbuilders.Clause(t.Attribute, ldmodel.OperatorIn, ldvalue.Bool(true))
	case workload.HasPrefix:
		return ldbuilders.Clause(t.Attribute, ldmodel.OperatorStartsWith, ldvalue.String(t.Text))
	case workload.Contains:
		return ldbuilders.Clause(t.Attribute, ldmodel.OperatorContains, ldvalue.String(t.Text))
	case workload.InSegment:
		return ldbuilders.SegmentMatchClause(t.Text)
	}
	panic("unknown test " + string(t.Op))
}

// Open implements contest.Contestant.
func (l *LaunchDarkly) Open() error {
	var config launchDarklyConfig
	if err := json.Unmarshal(l.config, &config); err != nil {
		return err
	}
	if l.InOrder {
		l.flags = config.Flags
	} else {
		l.store = make(map[string]*ldmodel.FeatureFlag, len(config.Flags))
		for _, flag := range config.Flags {
			l.store[flag.Key] = &flag
		}
	}
	l.segments = make(map[string]*ldmodel.Segment, len(config.Segments))
	for i := range config.Segments {
		l.segments[config.Segments[i].Key] = &config.Segments[i]
	}
	l.evaluator = evaluation.NewEvaluator(l)
	return nil
}

// GetFeatureFlag implements evaluation.DataProvider. It finds none: no experiment has a
// prerequisite.
func (l *LaunchDarkly) GetFeatureFlag(string) *ldmodel.FeatureFlag { return nil }

// GetSegment implements evaluation.DataProvider.
func (l *LaunchDarkly) GetSegment(key string) *ldmodel.Segment { return l.segments[key] }

// Close implements contest.Contestant.
func (l *LaunchDarkly) Close() error { return nil }

func (l *LaunchDarkly) context(i int) ldcontext.Context {
	r := &l.requests[i]
	b := ldcontext.NewBuilder(r.ID)
	for j := range r.Values {
		v := &r.Values[j]
		switch v.Type {
		case workload.String, workload.Version:
			b.SetString(v.Name, v.String)
		case workload.Number:
			b.SetFloat64(v.Name, v.Number)
		case workload.Bool:
			b.SetBool(v.Name, v.Bool)
		}
	}
	return b.Build()
}

func (l *LaunchDarkly) matches(flag *ldmodel.FeatureFlag, c ldcontext.Context) bool {
	result := l.evaluator.Evaluate(flag, c, nil)
	return result.Detail.Reason.GetKind() == ldreason.EvalReasonRuleMatch
}

func (l *LaunchDarkly) flag(i int) *ldmodel.FeatureFlag {
	if l.InOrder {
		return &l.flags[i]
	}
	return l.store[l.keys[i]]
}

// One implements contest.Contestant.
func (l *LaunchDarkly) One(i int) error {
	if l.matches(l.flag(0), l.context(i)) {
		l.sink++
	}
	return nil
}

// All implements contest.Contestant.
func (l *LaunchDarkly) All(i int) (int, error) {
	c, matched := l.context(i), 0
	for flag := range l.flags {
		if l.matches(&l.flags[flag], c) {
			matched++
		}
	}
	for _, flag := range l.store {
		if l.matches(flag, c) {
			matched++
		}
	}
	return matched, nil
}

// Matches implements contest.Contestant.
func (l *LaunchDarkly) Matches(i int) ([]int, error) {
	c, matched := l.context(i), []int{}
	for flag := range l.keys {
		if l.matches(l.flag(flag), c) {
			matched = append(matched, flag)
		}
	}
	return matched, nil
}
