package analysis_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

func TestExposed(t *testing.T) {
	var l log
	at := func(revision uint64, experiment, variant, id string) {
		x := l.expose(experiment, variant, id, time.Minute)
		x.Revision = revision
	}
	at(5, "button", "big", "before")
	at(6, "button", "big", "a")
	at(7, "button", "big", "a") // again, by another host or revision
	at(7, "button", "big", "b")
	at(7, "button", "control", "c")
	at(7, "price", "low", "a")
	at(8, "button", "control", "after")
	l.expose("button", "control", "long ago", -time.Hour).Revision = 6
	l.expose("button", "control", "tester", time.Minute).Override = true

	got, err := openEngine(t).Exposed(t.Context(), l.write(t), 6, 7, start)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i].Epoch = 0 // that of the log
	}
	want := []analysis.Exposed{
		{Experiment: "button", Variant: "big", Units: 2},
		{Experiment: "button", Variant: "control", Units: 1},
		{Experiment: "price", Variant: "low", Units: 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
