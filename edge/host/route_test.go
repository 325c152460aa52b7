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
	for path, want := range map[string]int{"/product/7": 2, "/cart": 2, "/": 1, "/product/": 1, "": 0} {
		decisions, err := h.DecideRoute(british("user-1"), path, []Decision{{Experiment: "first"}})
		if err != nil || len(decisions) != 1+want {
			t.Fatalf("%s: %d decisions, want %d: %v", path, len(decisions)-1, want, err)
		}
		if flag := decisions[len(decisions)-1]; want > 0 && (flag.Experiment != "search" || flag.Variant != "off" || flag.Sticky()) {
			t.Errorf("%s: the last is %+v", path, flag)
		}
	}
	decisions, err := h.DecideRoute(new(Request), "/cart", nil)
	if err != nil || decisions[0].Assigned() || decisions[0].Reason != abi.ReasonNoUnit || !decisions[0].Sticky() {
		t.Errorf("without a unit: %+v, %v", decisions, err)
	}
	if _, err := new(Host).DecideRoute(new(Request), "/cart", nil); !errors.Is(err, ErrNotReady) {
		t.Errorf("without a bundle: %v", err)
	}

	kept, ok := decisions[0].WithVariant("green", abi.ReasonSticky)
	if !ok || kept.Variant != "green" || kept.Config != `{"revision":1}` || kept.Reason != abi.ReasonSticky || kept.Phase != 3 {
		t.Errorf("with a variant: %+v", kept)
	}
	if same, ok := decisions[0].WithVariant("red", abi.ReasonSticky); ok || same != decisions[0] {
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
	decisions, err := h.DecideRoute(british("user-1"), "/", nil)
	if err != nil || len(decisions) != 0 {
		t.Errorf("%+v, %v", decisions, err)
	}
	if d, err := h.Decide(british("user-1"), "button"); err != nil || d.Sticky() {
		t.Errorf("%+v, %v", d, err)
	}
}
