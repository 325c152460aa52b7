package bundle

import (
	"fmt"
	"strings"
	"testing"
)

func eu() []Label { return []Label{{"region", []string{"eu", "us"}}} }

func TestCanaryIncludes(t *testing.T) {
	here := map[string]string{"region": "eu", "tier": "edge"}
	for _, row := range []struct {
		why    string
		canary Canary
		host   Identity
		want   bool
	}{
		{"a slot below the share", Canary{Salt: "canary-1-12", Share: 500}, Identity{ID: "edge-24"}, true},
		{"a slot that is the share", Canary{Salt: "canary-1-12", Share: 124}, Identity{ID: "edge-24"}, false},
		{"a slot above the share", Canary{Salt: "canary-1-12", Share: 500}, Identity{ID: "edge-8"}, false},
		{"another salt", Canary{Salt: "canary-1-13", Share: 125}, Identity{ID: "edge-24"}, false},
		{"the slot and the label", Canary{Salt: "canary-1-12", Share: 500, Labels: eu()}, Identity{"edge-24", here}, true},
		{"the label without the slot", Canary{Salt: "canary-1-12", Share: 500, Labels: eu()}, Identity{"edge-8", here}, false},
		{"the slot without the label", Canary{Salt: "canary-1-12", Share: 500, Labels: eu()}, Identity{ID: "edge-24"}, false},
		{"another value", Canary{Share: 10_000, Labels: eu()}, Identity{"edge-7", map[string]string{"region": "asia"}}, false},
		{"one of two labels", Canary{Share: 10_000, Labels: append(eu(), Label{"tier", []string{"core"}})}, Identity{"edge-7", here}, false},
		{"every slot", Canary{Share: 10_000, Labels: eu()}, Identity{"", here}, true},
		{"no id", Canary{Share: 9_999}, Identity{}, false},
	} {
		if got := row.canary.Includes(row.host); got != row.want {
			t.Errorf("%s: %t", row.why, got)
		}
	}
}

// TestCanaryGrows: who is in a canary stays in it while its share grows, and the share is
// what it says.
func TestCanaryGrows(t *testing.T) {
	const hosts = 20_000
	for _, share := range []int{1, 100, 2_500, 9_999} {
		in := 0
		for i := range hosts {
			host := Identity{ID: fmt.Sprintf("host-%d", i)}
			c := Canary{Salt: "canary-1-2", Share: share}
			if c.Includes(host) {
				in++
				if c.Share++; !c.Includes(host) {
					t.Fatalf("%s left when the share grew from %d", host.ID, share)
				}
			}
		}
		if want := hosts * share / 10_000; in < want-400 || in > want+400 { // five standard deviations at most
			t.Errorf("a share of %d has %d of %d hosts", share, in, hosts)
		}
	}
}

func TestCanaryIsRead(t *testing.T) {
	for _, want := range []*Canary{nil, {Stable: 6, Salt: "canary-1-7", Share: 500}, {Stable: 1, Salt: "x", Share: 10_000, Labels: eu()}} {
		m := testManifest()
		m.Canary = want
		got, err := testRoot(t, 1, testKey(1)).VerifyManifest(seal(t, m, testKey(1)).Envelope)
		if err != nil {
			t.Fatal(err)
		}
		m.Payload = got.Payload
		if !got.Equal(&m) {
			t.Errorf("%+v became %+v", want, got.Canary)
		}
	}
}

func TestCanaryRefuses(t *testing.T) {
	values := make([]string, MaxLabelValues+1)
	labels := make([]Label, MaxHostLabels+1)
	for i := range values {
		values[i] = fmt.Sprintf("v%03d", i)
	}
	for i := range labels {
		labels[i] = Label{fmt.Sprintf("l%03d", i), []string{"v"}}
	}
	for name, change := range map[string]func(*Canary){
		"no stable revision":        func(c *Canary) { c.Stable = 0 },
		"itself as stable":          func(c *Canary) { c.Stable = 7 },
		"a later one as stable":     func(c *Canary) { c.Stable = 8 },
		"no share":                  func(c *Canary) { c.Share = 0 },
		"more than every slot":      func(c *Canary) { c.Share = 10_001 },
		"no salt":                   func(c *Canary) { c.Salt = "" },
		"an endless salt":           func(c *Canary) { c.Salt = strings.Repeat("x", MaxLabelLength+1) },
		"a label without values":    func(c *Canary) { c.Labels[0].Values = nil },
		"too many values":           func(c *Canary) { c.Labels[0].Values = values },
		"values that descend":       func(c *Canary) { c.Labels[0].Values = []string{"us", "eu"} },
		"a value twice":             func(c *Canary) { c.Labels[0].Values = []string{"eu", "eu"} },
		"an empty value":            func(c *Canary) { c.Labels[0].Values = []string{""} },
		"a value with a space":      func(c *Canary) { c.Labels[0].Values = []string{"e u"} },
		"a label twice":             func(c *Canary) { c.Labels = append(eu(), eu()...) },
		"too many labels":           func(c *Canary) { c.Labels = labels },
		"a label that is a path":    func(c *Canary) { c.Labels[0].Name = "../x" },
		"a label that is not ASCII": func(c *Canary) { c.Labels[0].Name = "région" },
	} {
		m := testManifest()
		m.Canary = &Canary{Stable: 6, Salt: "canary-1-7", Share: 500, Labels: eu()}
		change(m.Canary)
		if _, err := Seal(m, testPayload, testKey(1)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestIdentityRefuses(t *testing.T) {
	many := map[string]string{}
	for i := range MaxHostLabels + 1 {
		many[fmt.Sprintf("l%d", i)] = "v"
	}
	for name, host := range map[string]Identity{
		"an endless id":        {ID: strings.Repeat("x", MaxHostIDLength+1)},
		"a path as id":         {ID: "a/b"},
		"a hidden file as id":  {ID: ".x"},
		"a label of no name":   {Labels: map[string]string{"": "v"}},
		"a label of no value":  {Labels: map[string]string{"region": ""}},
		"too many labels":      {Labels: many},
		"a value with a quote": {Labels: map[string]string{"region": `"`}},
	} {
		if host.Check() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := (Identity{"edge-7.eu_1", map[string]string{"region": "eu"}}).Check(); err != nil {
		t.Error(err)
	}
}
