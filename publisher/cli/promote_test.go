package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newEnvironments makes a project that is published to production, and before that to
// development and staging.
func newEnvironments(t *testing.T) string {
	t.Helper()
	shop := filepath.Join(t.TempDir(), "shop")
	run(t, "init", shop)
	file := filepath.Join(shop, "sortition.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(text), "affected: 50%", "affected: 100%", 1)+
		"\nenvironments: {staging: {bucket: staging}, development: {bucket: development}}\n")
	for _, environment := range []string{"production", "staging", "development"} {
		run(t, "keygen", shop, "--environment", environment)
	}
	return shop
}

// TestStagingIsBuiltOnProduction changes a project step by step, and publishes each step to
// staging first. Whether it is then promoted, or published to production by itself,
// production gets the same payload: staging has no allocations of its own.
func TestStagingIsBuiltOnProduction(t *testing.T) {
	shop := newEnvironments(t)
	hash := func(args ...string) string {
		t.Helper()
		var result struct {
			Payload struct {
				Raw struct{ SHA256 string }
			}
		}
		if err := json.Unmarshal(run(t, append(args, shop, "--yes", "--format", "json")...), &result); err != nil || result.Payload.Raw.SHA256 == "" {
			t.Fatalf("%v: %v", args, err)
		}
		return result.Payload.Raw.SHA256
	}
	second := "key: second\nowner: me\nhypothesis: It helps.\nstatus: running\ntraffic: 10%\n" +
		"variants: [{key: a, weight: 50%}, {key: b, weight: 50%}]\nmetrics: {primary: purchase}\n"
	experiment := filepath.Join(shop, "experiments", "second.yaml")
	for _, step := range []struct {
		name, second string
		promoted     bool
	}{
		{"the first", "", true},
		{"one more", second, true},
		{"more traffic", strings.Replace(second, "traffic: 10%", "traffic: 25%", 1), false},
		{"other weights", strings.NewReplacer("traffic: 10%", "traffic: 25%", "50%}, {key: b, weight: 50%", "20%}, {key: b, weight: 80%").Replace(second), true},
		{"others again", strings.NewReplacer("traffic: 10%", "traffic: 25%", "50%}, {key: b, weight: 50%", "60%}, {key: b, weight: 40%").Replace(second), false},
	} {
		if step.second != "" {
			write(t, experiment, step.second)
		}
		staged := hash("publish", "--environment", "staging")
		if tried := hash("publish", "--environment", "development"); tried != staged {
			t.Errorf("%s: development has %s, staging %s", step.name, tried, staged)
		}
		live := ""
		if step.promoted {
			live = hash("promote", "--from", "staging", "--expect", "sha256:"+staged)
		} else {
			live = hash("publish")
		}
		if live != staged {
			t.Errorf("%s: production has %s, staging %s", step.name, live, staged)
		}
	}
}

// TestPromoteAlongTheWay promotes from one environment to the next, and from there
// to production: what continues production stays so on the way.
func TestPromoteAlongTheWay(t *testing.T) {
	shop := newEnvironments(t)
	run(t, "publish", shop, "--yes")
	write(t, filepath.Join(shop, "flags", "late.yaml"), "key: late\nowner: me\nstatus: running\nvariants: [{key: on}, {key: off}]\ndefault: off\n")
	run(t, "publish", shop, "--environment", "development", "--yes")
	for _, step := range [][]string{{"development", "staging", "1 of development: revision 1 of staging"}, {"staging", "production", "1 of staging: revision 2 of production"}} {
		out := run(t, "promote", shop, "--from", step[0], "--environment", step[1], "--yes")
		if !strings.Contains(string(out), "promoted revision "+step[2]) {
			t.Errorf("from %s to %s: %s", step[0], step[1], out)
		}
	}
}
