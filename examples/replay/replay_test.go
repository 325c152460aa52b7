package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/examples/replay/accesslog"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// realLog is a log of 10,000 requests to a real site. It is not part of the repository.
const realLog = "../../../shared/data/apache_access.log"

var testKey = []byte("the visitors of the tests")

const (
	chrome    = "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.107 Safari/537.36"
	googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
	feed      = "Feedbin - 1 subscribers" // neither a known bot nor a browser: it has no operating system
)

// madeLog has three requests of each visitor, and a malformed line.
func madeLog(visitors int, agent string) string {
	var b strings.Builder
	for i := range visitors {
		for _, path := range []string{"/blog/a", "/", "/presentations/b?x=1"} {
			fmt.Fprintf(&b, "192.0.%d.%d - - [17/May/2015:10:05:03 +0000] \"GET %s HTTP/1.1\" 200 1 \"https://www.google.com/\" %q\n", i/256, i%256, path, agent)
		}
	}
	return b.String() + "cut sho\n"
}

func openProject(t *testing.T) (*host.Host, *model.Program) {
	t.Helper()
	h, program, err := open(t.Context(), "project")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return h, program
}

func TestReplay(t *testing.T) {
	h, program := openProject(t)
	const visitors, bots, feeds = 900, 40, 3
	log := madeLog(visitors, chrome) + madeLog(bots, googlebot) + madeLog(feeds, feed)
	r, err := replay(h, program, testKey, strings.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Errorf("%d units with two variants, %d in overlapping experiments, %d bots", r.TwoVariants, r.LayerOverlap, r.BotsAssigned)
	}
	got := [...]int{r.Requests, r.Malformed.Lines, r.Units, r.BotUnits, r.BotRequests}
	want := [...]int{3 * (visitors + bots + feeds), 3, visitors + bots + feeds, bots + feeds, 3 * (bots + feeds)}
	if got != want {
		t.Errorf("requests, malformed, units, bots and their requests: got %v, want %v", got, want)
	}
	if want := "line 2701: no ident"; !strings.HasPrefix(r.Malformed.Examples[0], want) {
		t.Errorf("the first malformed line is reported as %q, want %q", r.Malformed.Examples[0], want)
	}
	for _, e := range r.Experiments {
		for _, v := range e.Variants {
			if v.Units == 0 || v.Requests < int(v.Units) {
				t.Errorf("%s/%s has %d units and %d requests", e.Key, v.Key, v.Units, v.Requests)
			}
		}
	}
}

func TestTallyNoticesWhatMustNotHappen(t *testing.T) {
	program := &model.Program{
		Layers: []model.Layer{{Key: "layer"}},
		Experiments: []model.Experiment{
			{Key: "a", Layer: 0, Variants: []model.Variant{{Key: "x"}, {Key: "y"}}, Rules: []model.Rule{{Split: []model.Share{{To: 5000}, {To: 10000, Variant: 1}}}}},
			{Key: "b", Layer: 0, Variants: []model.Variant{{Key: "x"}}, Rules: []model.Rule{{Split: []model.Share{{To: 10000}}}}},
			{Key: "f", Layer: model.None, Kind: model.KindFlag, Variants: []model.Variant{{Key: "x"}, {Key: "y"}}},
		},
	}
	outcomes := func(a, b, f string, reason abi.Reason) []outcome {
		return []outcome{{a, reason}, {b, 0}, {f, 0}}
	}
	type requests map[string][][]outcome
	tests := []struct {
		name                    string
		requests                requests
		changed, overlaps, bots int
	}{
		{"all well", requests{"u": {outcomes("x", "", "x", 0), outcomes("x", "", "y", 0)}, "v": {outcomes("y", "", "x", 0)}}, 0, 0, 0},
		{"two variants, and back again", requests{"u": {outcomes("x", "", "x", 0), outcomes("y", "", "x", 0), outcomes("x", "", "x", 0)}}, 1, 0, 0},
		{"two experiments at once", requests{"u": {outcomes("x", "x", "x", 0)}}, 0, 1, 0},
		{"two experiments one after the other", requests{"u": {outcomes("x", "", "x", 0), outcomes("", "x", "x", 0)}}, 0, 1, 0},
		{"a bot in an experiment", requests{"u": {outcomes("", "", "x", abi.ReasonBot), outcomes("x", "", "x", 0)}}, 0, 0, 1},
		{"a bot with a flag", requests{"u": {outcomes("", "", "x", abi.ReasonBot)}}, 0, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tally := newTally(program)
			for unit, list := range test.requests {
				for _, outcomes := range list {
					tally.add(unit, outcomes)
				}
			}
			r := tally.report()
			if r.TwoVariants != test.changed || r.LayerOverlap != test.overlaps || r.BotsAssigned != test.bots {
				t.Errorf("got %d, %d, %d, want %d, %d, %d", r.TwoVariants, r.LayerOverlap, r.BotsAssigned, test.changed, test.overlaps, test.bots)
			}
			if r.OK() != (test.changed+test.overlaps+test.bots == 0) {
				t.Errorf("OK: %v", r.OK())
			}
		})
	}
}

// TestRealLog decides on the requests of a real site. The key is fixed, so the test gives the
// same result every time. A fair draw fails with at most one key in a thousand: it makes five
// ratio checks at 0.0001 each, and compares two shares at four standard deviations (0.00006)
// each.
func TestRealLog(t *testing.T) {
	log := readRealLog(t)
	h, program := openProject(t)
	r, err := replay(h, program, testKey, bytes.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := r.writeTable(&table); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", table.String())

	if r.Requests != 9_999 || r.Malformed.Lines != 1 {
		t.Errorf("%d requests and %d malformed lines, want 9999 and 1", r.Requests, r.Malformed.Lines)
	}
	if !r.OK() {
		t.Error("something happened that must never happen")
	}
	for _, e := range r.Experiments {
		if e.Kind == model.KindExperiment.String() && (e.RatioP == nil || *e.RatioP < 0.0001) {
			t.Errorf("%s: the variants are not split as declared", e.Key)
		}
	}

	visitors := r.Units - r.BotUnits
	within(t, "held out", r.HeldOut, visitors, 0.05)
	for _, e := range r.Experiments {
		if e.Key == "article_width" { // half of its layer, and no audience
			within(t, e.Key, int(e.Variants[0].Units+e.Variants[1].Units), visitors-r.HeldOut, 0.5)
		}
	}
}

// within checks a share of n against the binomial distribution.
func within(t *testing.T, what string, got, n int, share float64) {
	t.Helper()
	const sigmas = 4
	expected := float64(n) * share
	if deviation := math.Abs(float64(got) - expected); deviation > sigmas*math.Sqrt(expected*(1-share)) {
		t.Errorf("%s: %d of %d units, expected about %.0f", what, got, n, expected)
	}
}

// TestRealLogAnotherWay checks the same without the tally, with DecideAll instead of Decide.
func TestRealLogAnotherWay(t *testing.T) {
	log := readRealLog(t)
	h, program := openProject(t)
	layer := map[string]int{}
	for i := range program.Experiments {
		layer[program.Experiments[i].Key] = program.Experiments[i].Layer
	}
	given := map[string]string{} // unit and experiment: variant
	inLayer := map[string]string{}
	reader := accesslog.NewReader(bytes.NewReader(log))
	for assigned := 0; ; {
		entry, err := reader.Read()
		if err == io.EOF {
			if assigned == 0 {
				t.Fatal("nobody was in an experiment")
			}
			return
		}
		if errors.As(err, new(*accesslog.LineError)) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		unit := unitOf(testKey, &entry)
		var r host.Request
		describe(r.Now(entry.Time).Unit(unitType, unit), &entry)
		var decisions host.Decisions
		if err := h.DecideAll(&r, &decisions); err != nil {
			t.Fatal(err)
		}
		for d := range decisions.All() {
			if d.Kind() == model.KindFlag {
				continue
			}
			assigned++
			if strings.Contains(strings.ToLower(entry.Agent), "googlebot") {
				t.Errorf("%q is in %s", entry.Agent, d.Experiment())
			}
			place := unit + "/" + d.Experiment()
			if before, ok := given[place]; ok && before != d.Variant() {
				t.Errorf("unit %s had %s and %s of %s", unit, before, d.Variant(), d.Experiment())
			}
			given[place] = d.Variant()
			if layer[d.Experiment()] == model.None {
				continue
			}
			place = fmt.Sprint(unit, "/", layer[d.Experiment()])
			if before, ok := inLayer[place]; ok && before != d.Experiment() {
				t.Errorf("unit %s is in %s and %s of one layer", unit, before, d.Experiment())
			}
			inLayer[place] = d.Experiment()
		}
	}
}

func readRealLog(t *testing.T) []byte {
	t.Helper()
	log, err := os.ReadFile(realLog)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("NOT TESTED ON REAL INPUT: %s is not here", realLog)
	}
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	log := write("access.log", madeLog(20, chrome))
	key := write("key", string(testKey))
	tests := []struct {
		name           string
		args           []string
		stdin          string
		status         int
		stdout, stderr string
	}{
		{"table from a file", []string{"--log", log}, "", 0, "article_width", ""},
		{"standard input", []string{"--key", key}, madeLog(20, chrome), 0, "units            20", ""},
		{"help", []string{"-h"}, "", 0, "", "-format"},
		{"unknown flag", []string{"--nonesuch"}, "", 2, "", "-nonesuch"},
		{"argument", []string{log}, "", 2, "", "--log"},
		{"format", []string{"--format", "xml"}, "", 2, "", `"xml"`},
		{"short key", []string{"--key", write("short", "x")}, "", 2, "", "at least 16"},
		{"no key", []string{"--key", filepath.Join(dir, "none")}, "", 2, "", "--key"},
		{"no log", []string{"--log", filepath.Join(dir, "none")}, "", 1, "", "none"},
		{"no project", []string{"--project", dir}, "", 2, "", "sortition.yaml"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr strings.Builder
			args := append([]string{"--project", "project"}, test.args...)
			status := run(t.Context(), args, strings.NewReader(test.stdin), &stdout, &stderr)
			if status != test.status || !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("status %d, stdout %q, stderr %q", status, stdout.String(), stderr.String())
			}
		})
	}

	t.Run("json, twice the same with a key", func(t *testing.T) {
		var outputs [2]strings.Builder
		for i := range outputs {
			if status := run(t.Context(), []string{"--project", "project", "--log", log, "--key", key, "--format", "json"}, nil, &outputs[i], io.Discard); status != 0 {
				t.Fatalf("status %d", status)
			}
		}
		var r Report
		if err := json.Unmarshal([]byte(outputs[0].String()), &r); err != nil {
			t.Fatal(err)
		}
		if r.Units != 20 || len(r.Experiments) != 6 {
			t.Errorf("got %+v", r)
		}
		if outputs[0].String() != outputs[1].String() {
			t.Errorf("two runs differ:\n%s\n%s", outputs[0].String(), outputs[1].String())
		}
	})
}
