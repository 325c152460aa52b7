package assign_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// benchProgram has n experiments of three conditions each, of which about 2 % match
// benchRequest. Package bench compares such programs with other systems; here they show
// what a change of the core does.
func benchProgram(n int) *model.Program {
	rng := rand.New(rand.NewPCG(1, 1))
	p := &model.Program{
		Units:      []string{"user"},
		Attributes: []model.Attribute{{Name: "app_version", Type: model.Version}, {Name: "country", Type: model.String}, {Name: "platform", Type: model.String}},
	}
	version := func(s string) model.Value {
		key, _ := assign.VersionKey(s)
		return model.Value{Version: key, Text: s}
	}
	for i := range n {
		country := []string{"GB"}
		if rng.IntN(10) > 0 {
			country[0] = fmt.Sprintf("%c%c", 'A'+rng.IntN(26), 'A'+rng.IntN(26))
		}
		p.Experiments = append(p.Experiments, model.Experiment{
			Key: fmt.Sprintf("experiment-%05d", i), Salt: fmt.Sprintf("experiment-%05d", i), Layer: model.None, Default: model.None, Phase: 1,
			Variants: []model.Variant{{Key: "control", Name: "control", Config: "null"}, {Key: "treatment", Name: "treatment", Config: "null"}},
			Rules: []model.Rule{{
				Audience: &model.Expr{Op: model.OpAnd, Args: []*model.Expr{
					{Op: model.OpIn, Attr: 1, Strings: country},
					{Op: model.OpIn, Attr: 2, Strings: []string{[]string{"mobile", "desktop", "tablet"}[rng.IntN(3)]}},
					{Op: model.OpNot, Args: []*model.Expr{{Op: model.OpLess, Attr: 0, Value: version(fmt.Sprintf("1.%d.12", 1+rng.IntN(40)))}}},
				}},
				Slots: []model.Range{{From: 0, To: model.Slots}}, Traffic: model.Slots,
				Split: []model.Share{{To: 5000, Variant: 0}, {To: 10000, Variant: 1}},
			}},
		})
	}
	return p
}

func benchRequest(b *testing.B) []byte {
	encoded, err := request.New().Now(time.UnixMilli(1)).Unit("user", "user-4711").
		String("country", "GB").String("platform", "mobile").String("app_version", "1.23.12").Encode(progtest.Names(benchProgram(1)))
	if err != nil {
		b.Fatal(err)
	}
	return encoded
}

func BenchmarkAssign(b *testing.B) {
	for _, n := range []int{1, 1_000, 10_000, 100_000} {
		payload, err := compile.Payload(benchProgram(n))
		if err != nil {
			b.Fatal(err)
		}
		engine, status := assign.Load(payload)
		if status != assign.OK {
			b.Fatal(status)
		}
		encoded := benchRequest(b)
		b.Run(fmt.Sprintf("all/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				engine.AssignAll(encoded)
			}
			records, _ := engine.AssignAll(encoded)
			b.ReportMetric(float64(len(records)/abi.RecordSize), "records")
		})
		b.Run(fmt.Sprintf("one/n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				engine.AssignOne(encoded, 0)
			}
		})
		b.Run(fmt.Sprintf("load/n=%d", n), func(b *testing.B) {
			for b.Loop() {
				assign.Load(payload)
			}
			b.ReportMetric(float64(len(payload)), "bytes")
		})
	}
}
