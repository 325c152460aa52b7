package hostreport_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	. "github.com/sortition-dev/sortition/bundle/hostreport"
)

func good() Report {
	return Report{
		Host: "edge-7", Labels: map[string]string{"region": "eu"}, Environment: "production",
		Started: 1, Time: 2, Epoch: 1, Revision: 7, Canary: true, Activated: 2, Refused: map[string]uint64{"activation": 2},
		Activity: Activity{Requests: 3, Errors: 1, Decisions: 9, Latency: [Buckets]uint64{2, 1}},
	}
}

func TestStoredIsRead(t *testing.T) {
	want := Stored{good(), 5}
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(data)
	if err != nil || !reflect.DeepEqual(*got, want) {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := Parse([]byte(strings.Replace(string(data), "{", `{"later":1,`, 1))); err != nil {
		t.Errorf("a field of a later version: %v", err)
	}
	if _, err := Parse([]byte(strings.Repeat(" ", MaxSize) + string(data))); err == nil {
		t.Error("an endless report was read")
	}
}

func TestValidate(t *testing.T) {
	for field, spoil := range map[string]func(*Report){
		"host":               func(r *Report) { r.Host = "" },
		"host id":            func(r *Report) { r.Host = "../root" },
		"label":              func(r *Report) { r.Labels = map[string]string{"re gion": "eu"} },
		"environment":        func(r *Report) { r.Environment = "Production" },
		"revision":           func(r *Report) { r.Revision = bundle.MaxInteger + 1 },
		"activity.decisions": func(r *Report) { r.Activity.Decisions = bundle.MaxInteger + 1 },
		"refused": func(r *Report) {
			for i := range MaxReasons + 1 {
				r.Refused[fmt.Sprint(i)] = 1
			}
		},
		"refused: a reason": func(r *Report) { r.Refused[strings.Repeat("x", MaxReasonLength+1)] = 1 },
	} {
		r := good()
		spoil(&r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	r := good()
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
}

func TestLatency(t *testing.T) {
	for _, row := range []struct {
		took time.Duration
		want int
	}{{0, 0}, {100 * time.Microsecond, 0}, {101 * time.Microsecond, 1}, {10 * time.Millisecond, 6}, {time.Second, 11}, {time.Hour, 12}} {
		if got := Bucket(row.took); got != row.want {
			t.Errorf("%v falls into bucket %d, want %d", row.took, got, row.want)
		}
	}
	var a, b Activity
	a.Latency[0], b.Latency[6], b.Requests = 98, 2, 100
	a.Add(&b)
	for _, row := range []struct {
		share float64
		want  time.Duration
	}{{0.5, 100 * time.Microsecond}, {0.98, 100 * time.Microsecond}, {0.99, 10 * time.Millisecond}, {1, 10 * time.Millisecond}} {
		if got := a.Quantile(row.share); got != row.want {
			t.Errorf("quantile %v is %v, want %v", row.share, got, row.want)
		}
	}
	b = Activity{}
	b.Latency[Buckets-1] = 1
	if a := (Activity{}); a.Quantile(0.99) != 0 || b.Quantile(0.99) != 2*time.Second {
		t.Errorf("%v, %v", a.Quantile(0.99), b.Quantile(0.99))
	}
}
