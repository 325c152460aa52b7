package host

import (
	"errors"
	"testing"

	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func TestDecideRoute(t *testing.T) {
	program := testProgram(1)
	program.Experiments[0].Routes = []string{"/product/:id", "/cart"}
	program.Experiments[0].Sticky = true
	program.Experiments[1].Routes = []string{"/*"}
	payload, err := compile.Payload(program)
	if err != nil {
		t.Fatal(err)
	}
	p := newPublisher(t)
	p.publish(payload)
	h := p.open(Options{})
	var decisions Decisions
	for path, want := range map[string]int{"/product/7": 2, "/cart": 2, "/": 1, "/product/": 1, "": 0} {
		if err := h.DecideRoute(british("user-1"), path, &decisions); err != nil || decisions.Len() != want {
			t.Fatalf("%s: %d decisions, want %d: %v", path, decisions.Len(), want, err)
		}
		if want == 0 {
			continue
		}
		if flag := decisions.At(want - 1); flag.Experiment() != "search" || flag.Variant() != "off" || flag.Sticky() {
			t.Errorf("%s: the last is %v", path, flag)
		}
	}
	if err := h.DecideRoute(new(Request), "/cart", &decisions); err != nil {
		t.Fatal(err)
	}
	button := decisions.At(0)
	if button.Assigned() || button.Reason() != abi.ReasonNoUnit || !button.Sticky() {
		t.Errorf("without a unit: %v", button)
	}
	if err := new(Host).DecideRoute(new(Request), "/cart", &decisions); !errors.Is(err, ErrNotReady) || decisions.Len() != 0 {
		t.Errorf("without a bundle: %d decisions, %v", decisions.Len(), err)
	}

	kept, ok := button.WithVariant("green", abi.ReasonSticky)
	if !ok || kept.Variant() != "green" || kept.Config() != `{"revision":1}` || kept.Reason() != abi.ReasonSticky || kept.Phase() != 3 {
		t.Errorf("with a variant: %v", kept)
	}
	if same, ok := button.WithVariant("red", abi.ReasonSticky); ok || same != button {
		t.Errorf("with a variant that there is not: %+v", same)
	}
	if _, ok := (Decision{}).WithVariant("green", abi.ReasonSticky); ok {
		t.Error("nothing was decided, and it has a variant")
	}
}

// TestPayloadWithoutRoutes uses a payload from before routes existed.
func TestPayloadWithoutRoutes(t *testing.T) {
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	h := p.open(Options{})
	var decisions Decisions
	if err := h.DecideRoute(british("user-1"), "/", &decisions); err != nil || decisions.Len() != 0 {
		t.Errorf("%d decisions, %v", decisions.Len(), err)
	}
	if d, err := h.Decide(british("user-1"), "button"); err != nil || d.Sticky() {
		t.Errorf("%+v, %v", d, err)
	}
}
