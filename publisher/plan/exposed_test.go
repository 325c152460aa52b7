package plan

import (
	"strings"
	"testing"
	"time"
)

func TestExposed(t *testing.T) {
	const lately = 14 * 24 * time.Hour
	seen := map[string]int64{"control": 1_000, "green": 900}
	for _, c := range []struct {
		name            string
		edits           []string // old and new, in pairs
		leave, switched int64
	}{
		{"traffic grows", []string{"traffic: 10%", "traffic: 25%"}, 0, 0},
		{"traffic shrinks", []string{"traffic: 10%", "traffic: 4%"}, 1_140, 0},
		{"it is stopped", []string{"status: running", "status: stopped"}, 1_900, 0},
		{"weights change", []string{"weight: 50%, config: {color: blue}", "weight: 60%, config: {color: blue}", "weight: 50%, config: {color: green}", "weight: 40%, config: {color: green}"}, 0, 180},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.publish()
			for i := 0; i < len(c.edits); i += 2 {
				s.edit("experiments/button.yaml", c.edits[i], c.edits[i+1])
			}
			p := s.plan()
			p.AddExposed(p.At.Add(-lately), func(key string, phase int) map[string]int64 {
				if key != "button" || phase != 1 {
					t.Errorf("asked for %s in phase %d", key, phase)
				}
				return seen
			})
			x := find(t, p, "button")
			if want := (Exposed{1_900, 14, c.leave, c.switched}); x.Exposed == nil || *x.Exposed != want {
				t.Fatalf("%+v, want %+v", x.Exposed, want)
			}
			var text strings.Builder
			if err := WriteText(&text, p); err != nil || !strings.Contains(text.String(), x.Exposed.words()) {
				t.Errorf("%v\n%s", err, text.String())
			}
		})
	}

	s := newSite(t)
	s.publish()
	s.edit("experiments/button.yaml", "traffic: 10%", "traffic: 25%")
	p := s.plan()
	p.AddExposed(p.At, func(string, int) map[string]int64 { return nil })
	if x := find(t, p, "button"); x.Exposed != nil {
		t.Errorf("nobody was exposed: %+v", x.Exposed)
	}
}
