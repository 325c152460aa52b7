package attack_test

import (
	"fmt"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/request"
)

const environment = "production"

// button is the experiment by which the file's cases tell revisions apart.
const button = "button"

// programOf is what revision n publishes. It has something in every table that an
// attack points astray, and every revision decides differently: by its configuration,
// and by where it cuts the variants.
func programOf(n uint64) *model.Program {
	config := fmt.Sprintf(`{"revision":%d}`, n)
	all := []model.Range{{From: 0, To: model.Slots}}
	onOff := []model.Variant{{Key: "on", Name: "on", Config: "true"}, {Key: "off", Name: "off", Config: "false"}}
	return &model.Program{
		Units:      []string{"user"},
		Attributes: []model.Attribute{{Name: "country", Type: model.String}, {Name: "path", Type: model.String}},
		Segments:   []model.Segment{{Key: "staff", Unit: 0, Hashes: []uint64{3, 7}}},
		Layers:     []model.Layer{{Key: "page"}},
		Holdouts:   []model.Holdout{{Key: "global", Slots: 500}},
		OptOut:     []int{0},
		Experiments: []model.Experiment{
			{
				Key: button, Salt: button, Layer: model.None, Default: model.None, Phase: 1,
				Variants: []model.Variant{{Key: "control", Name: "Blue", Config: config}, {Key: "green", Name: "Green", Config: config}},
				Rules: []model.Rule{{
					Audience: &model.Expr{Op: model.OpIn, Attr: 0, Strings: []string{"GB", "US"}},
					Slots:    all, Traffic: model.Slots,
					Split: []model.Share{{To: 1000 * int(n%10), Variant: 0}, {To: model.Slots, Variant: 1}},
				}},
				Overrides: []model.Override{{Hash: 11, Variant: 1}},
			},
			{
				Key: "menu", Salt: "menu", Layer: 0, Default: model.None, Phase: 1, Holdouts: []int{0},
				Prerequisites: []model.Prerequisite{{Experiment: 2, Variants: []int{0, 1}}},
				Variants:      onOff,
				Rules: []model.Rule{{
					Audience: &model.Expr{Op: model.OpMatches, Attr: 1, Strings: []string{"^/(shop|sale)/"}},
					Slots:    []model.Range{{From: 0, To: 6000}}, Traffic: 1000,
					Ramp:  []model.Step{{At: model.MillisOf(day), Traffic: 6000}},
					Split: []model.Share{{To: model.Slots, Variant: 0}},
				}},
			},
			{
				Key: "search", Kind: model.KindFlag, Salt: "search", Layer: model.None, Default: 1, Phase: 1,
				Variants: onOff,
				Rules: []model.Rule{{
					Audience: &model.Expr{Op: model.OpPrefix, Attr: 1, Strings: []string{"/sh"}},
					Slots:    all, Traffic: 1000 * int(n%10), Split: []model.Share{{To: model.Slots, Variant: 0}},
				}},
			},
		},
	}
}

// programAt is the program of a revision, also of one that thieves have numbered.
func programAt(n uint64) *model.Program {
	if n > afterward {
		n = coming
	}
	return programOf(n)
}

func payloadOf(t testing.TB, p *model.Program) []byte {
	t.Helper()
	payload, err := compile.Payload(p)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// visitor is the i-th of those on whom hosts are tried.
func visitor(i int) explain.Request {
	countries, paths := []string{"GB", "US", "FR"}, []string{"/shop/1", "/sale/2", "/"}
	return explain.Request{
		Units:      map[string]string{"user": fmt.Sprintf("user-%d", i)},
		Attributes: map[string]any{"country": countries[i%len(countries)], "path": paths[i/2%len(paths)]},
		Now:        day,
	}
}

// fill sets a request to what is known about a visitor.
func fill(r *request.Request, from explain.Request) *request.Request {
	r.Reset().Now(from.Now)
	for unit, id := range from.Units {
		r.Unit(unit, id)
	}
	for name, value := range from.Attributes {
		r.Value(name, value)
	}
	return r
}

// decide is the variant that the naive evaluator gives a visitor; the zero value if none.
func decide(p *model.Program, experiment int, v explain.Request) model.Variant {
	d := explain.Decide(p, experiment, v)
	if d.Variant == model.None {
		return model.Variant{}
	}
	return p.Experiments[experiment].Variants[d.Variant]
}
