package compile

import (
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

func TestRoutesTravel(t *testing.T) {
	experiment := func(key string, routes []string, sticky bool) model.Experiment {
		return model.Experiment{
			Key: key, Salt: key, Layer: model.None, Default: model.None, Phase: 1, Routes: routes, Sticky: sticky,
			Variants: []model.Variant{{Key: "a", Name: "a", Config: "null"}},
			Rules:    []model.Rule{{Slots: everySlot(), Traffic: model.Slots, Split: []model.Share{{To: model.Slots}}}},
		}
	}
	p := &model.Program{Units: []string{"user"}, Experiments: []model.Experiment{
		experiment("a", []string{"/cart", "/product/*"}, false), experiment("b", nil, true), experiment("c", []string{"/cart"}, false),
	}}
	raw, err := Payload(p)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := payload.NewReader(raw)
	if err != nil {
		t.Fatal(err)
	}
	routes, err := reader.Routes()
	if err != nil {
		t.Fatal(err)
	}
	if got := routes.Match("/cart", nil); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("/cart matches %v", got)
	}
	if sticky, err := reader.Sticky(); err != nil || !slices.Equal(sticky, []bool{false, true, false}) {
		t.Errorf("sticky %v, %v", sticky, err)
	}
	read, err := reader.Program()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range read.Experiments {
		if want := p.Experiments[i]; !slices.Equal(e.Routes, want.Routes) || e.Sticky != want.Sticky {
			t.Errorf("%s is read back with %v, %v", e.Key, e.Routes, e.Sticky)
		}
	}

	patched, _, err := Patch(raw, Kill("a", testNow))
	if err != nil {
		t.Fatal(err)
	}
	if reader, err = payload.NewReader(patched); err != nil {
		t.Fatal(err)
	}
	if routes, err := reader.Routes(); err != nil || len(routes.Match("/product/1", nil)) != 1 {
		t.Errorf("a kill loses routes: %v", err)
	}
}
