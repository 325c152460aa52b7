package native

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/wasm/request"
)

// TestOneIsOfAll asks for everything and for each experiment and flag alone.
func TestOneIsOfAll(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	project, problems := config.Load("../../examples/storefront")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	program, err := compile.Program(project, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	core, err := Compile(program)
	if err != nil {
		t.Fatal(err)
	}
	assigned := 0
	for i := range 200 {
		r := request.New().Now(now).Unit("user", "user-"+strconv.Itoa(i)).String("country", "US")
		all, err := core.All(r)
		if err != nil {
			t.Fatal(err)
		}
		given := slices.Collect(all)
		assigned += len(given)
		for e := range program.Experiments {
			d, err := core.One(r, e)
			if err != nil {
				t.Fatal(err)
			}
			if in := slices.Contains(given, d); in != (d.Variant != model.None) {
				t.Fatalf("user-%d: %+v alone, and %+v with all", i, d, given)
			}
		}
	}
	if assigned == 0 {
		t.Fatal("nobody is given anything")
	}
}
