package plan

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Each unit is decided on its own, so that of many a tenth enters; requests of others do
// not change.
func TestReplay(t *testing.T) {
	s := newSite(t)
	s.publish()
	s.edit("flags/menu.yaml", `country == "US"`, `country == "DE" && age >= 18`)
	s.edit("experiments/button.yaml", "traffic: 10%", "traffic: 100%")
	next, _ := s.next()
	var log strings.Builder
	const units = 4_000
	rng := rand.New(rand.NewPCG(3, 3))
	for range units {
		fmt.Fprintf(&log, `{"user_id": "%x", "context": {"country": "US", "age": 20, "tags": ["a"], "ratio": 0.5, "new": true}, "reasons": true}`+"\n", rng.Uint64())
	}
	log.WriteString("\n" + `{"units": {"device": "d1"}, "context": {"country": "DE", "age": 20}}` + "\n")
	for _, bad := range []string{`{`, `{}`, `{"user_id": "u1", "context": {"age": null}}`, `{"user_id": "u1", "context": {"tags": [1]}}`} {
		log.WriteString(bad + "\n")
	}
	r, err := Replay(strings.NewReader(log.String()), s.live, next, now)
	if err != nil {
		t.Fatal(err)
	}
	if r.Decided != units+1 || r.Refused != 4 || !strings.HasPrefix(r.FirstError, "line 4003: ") || len(r.Changes) != 2 {
		t.Fatalf("%+v", r)
	}
	button, menu := r.Changes[0], r.Changes[1]
	if button.Key != "button" || !between(button.Enter, 0.9) || button.Leave.Count+button.Switch.Count > 0 {
		t.Errorf("%+v", button)
	}
	if menu.Key != "menu" || !between(menu.Switch, 0.9) || menu.Enter.Count+menu.Leave.Count > 0 {
		t.Errorf("%+v", menu)
	}
	if r.Changed.Count < button.Enter.Count || r.Changed.Count > button.Enter.Count+menu.Switch.Count {
		t.Errorf("%+v", r.Changed)
	}
}

// between reports whether an estimate is where its truth is. The units are fixed, and so
// is the answer.
func between(e Estimate, truth float64) bool {
	return e.Low <= truth && truth <= e.High && e.Low < e.Share && e.Share < e.High
}

func TestReplayOfTheFirst(t *testing.T) {
	s := newSite(t)
	next, _ := s.next()
	r, err := Replay(strings.NewReader(`{"user_id": "u1"}`), nil, next, now)
	if err != nil || r.Changed.Count != 1 || r.Changes[len(r.Changes)-1].Enter.Count != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	s.publish()
	delete(s.files, "flags/menu.yaml")
	next, _ = s.next()
	r, err = Replay(strings.NewReader(`{"user_id": "u1"}`), s.live, next, now)
	if err != nil || len(r.Changes) != 1 || r.Changes[0].Leave.Count != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, log := range []string{"", "\n", "{\n", strings.Repeat("x", MaxRequestLine+1)} {
		if r, err := Replay(strings.NewReader(log), nil, next, now); err == nil {
			t.Errorf("%.10q: %+v", log, r)
		}
	}
}
