package engines

import (
	"context"
	"encoding/json"
	"log/slog"
	"regexp"

	"github.com/growthbook/growthbook-golang"

	"github.com/sortition-dev/sortition/bench/workload"
)

// GrowthBook is GrowthBook's SDK for Go.
type GrowthBook struct {
	requests []workload.Request
	keys     []string
	config   []byte
	client   *growthbook.Client
}

type object = map[string]any

// Prepare implements contest.Contestant.
func (g *GrowthBook) Prepare(w *workload.Workload, _ string) (err error) {
	g.requests = w.Requests
	g.config, err = json.Marshal(GrowthBookConfig(w))
	for _, e := range w.Experiments {
		g.keys = append(g.keys, e.Key)
	}
	return err
}

// GrowthBookConfig converts the workload to the configuration that GrowthBook's API returns.
func GrowthBookConfig(w *workload.Workload) any {
	groups := object{}
	for _, s := range w.Segments {
		groups[s.Key] = s.IDs
	}
	features := object{}
	for _, e := range w.Experiments {
		var some []object
		for _, tests := range e.Any {
			var all []object
			for _, t := range tests {
				all = append(all, growthBookCondition(t))
			}
			some = append(some, object{"$and": all})
		}
		condition := some[0]
		if len(some) > 1 {
			condition = object{"$or": some}
		}
		features[e.Key] = object{
			"defaultValue": "off",
			"rules": []object{{
				"key": e.Key, "condition": condition, "hashAttribute": "id", "hashVersion": 2, "coverage": 1,
				"variations": []string{workload.Control, workload.Treatment}, "weights": []float64{0.5, 0.5},
			}},
		}
	}
	return object{"status": 200, "features": features, "savedGroups": groups}
}

func growthBookCondition(t workload.Test) object {
	switch t.Op {
	case workload.In:
		return object{t.Attribute: object{"$in": t.Strings}}
	case workload.VersionAtLeast:
		return object{t.Attribute: object{"$vgte": t.Text}}
	case workload.NumberAtLeast:
		return object{t.Attribute: object{"$exists": true, "$gte": t.Number}}
	case workload.NumberBelow:
		return object{t.Attribute: object{"$exists": true, "$lt": t.Number}}
	case workload.IsTrue:
		return object{t.Attribute: true}
	case workload.HasPrefix:
		return object{t.Attribute: object{"$regex": "^" + regexp.QuoteMeta(t.Text)}}
	case workload.Contains:
		return object{t.Attribute: object{"$regex": regexp.QuoteMeta(t.Text)}}
	case workload.InSegment:
		return object{"id": object{"$inGroup": t.Text}}
	}
	panic("unknown test " + string(t.Op))
}

// Open implements contest.Contestant.
func (g *GrowthBook) Open() (err error) {
	g.client, err = growthbook.NewClient(context.Background(), growthbook.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	return g.client.UpdateFromApiResponseJSON(string(g.config))
}

// Close implements contest.Contestant.
func (g *GrowthBook) Close() error { return g.client.Close() }

func (g *GrowthBook) with(i int) (*growthbook.Client, error) {
	r := &g.requests[i]
	a := make(growthbook.Attributes, len(r.Values)+1)
	a["id"] = r.ID
	for j := range r.Values {
		v := &r.Values[j]
		switch v.Type {
		case workload.String, workload.Version:
			a[v.Name] = v.String
		case workload.Number:
			a[v.Name] = v.Number
		case workload.Bool:
			a[v.Name] = v.Bool
		}
	}
	return g.client.WithAttributes(a)
}

// One implements contest.Contestant.
func (g *GrowthBook) One(i int) error {
	client, err := g.with(i)
	if err == nil {
		client.EvalFeature(context.Background(), g.keys[0])
	}
	return err
}

// All implements contest.Contestant.
func (g *GrowthBook) All(i int) (int, error) {
	client, err := g.with(i)
	if err != nil {
		return 0, err
	}
	matched := 0
	for _, key := range g.keys {
		if client.EvalFeature(context.Background(), key).InExperiment() {
			matched++
		}
	}
	return matched, nil
}

// Matches implements contest.Contestant.
func (g *GrowthBook) Matches(i int) ([]int, error) {
	client, err := g.with(i)
	if err != nil {
		return nil, err
	}
	matched := []int{}
	for j, key := range g.keys {
		if client.EvalFeature(context.Background(), key).InExperiment() {
			matched = append(matched, j)
		}
	}
	return matched, nil
}
