package exposure

import (
	"bytes"
	"net/http"
	"reflect"
	"testing"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/exposure/exposuretest"
)

// A body has every field of an exposure under its name in JSON, by which exposuretest reads it.
func TestPack(t *testing.T) {
	p, err := newPacker("edge-1", "BOOT")
	if err != nil {
		t.Fatal(err)
	}
	all := event.Exposure{Seq: 1 << 40, Time: 1_772_366_400_000, Experiment: "e", Variant: "v", Phase: 3, Unit: "user", UnitID: "ü", Revision: 9, Override: true}
	for i := range reflect.TypeFor[event.Exposure]().NumField() {
		if reflect.ValueOf(all).Field(i).IsZero() {
			t.Errorf("the test does not set %s", reflect.TypeFor[event.Exposure]().Field(i).Name)
		}
	}
	sent := []event.Exposure{all, {Seq: 2, Experiment: "f", Variant: "w", Phase: 1, Unit: "device", UnitID: "d"}}
	for range 2 { // the second time with the buffer of the first
		r, err := http.NewRequest(http.MethodPost, "/", bytes.NewReader(p.pack(sent)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Content-Encoding", contentEncoding)
		got, _, err := exposuretest.Read(r)
		want := event.ExposureBatch{Source: "edge-1", Boot: "BOOT", Exposures: sent}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
}
