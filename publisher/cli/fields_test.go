package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/model"
)

var updateFields = flag.Bool("update-fields", false, "write testdata/fields.txt anew")

// TestFields holds what commands print with --format json to testdata/fields.txt, which
// programs build on: a field may come, but none goes, and none changes its name or type.
func TestFields(t *testing.T) {
	shop := filepath.Join(t.TempDir(), "shop")
	run(t, "init", shop)
	run(t, "keygen", shop)
	ramp := "key: ramped\nowner: me\nstatus: running\nvariants: [{key: on}, {key: off}]\ndefault: off\n" +
		"rules: [{variant: on, ramp: [{at: 2900-01-01T00:00:00Z, traffic: 1%}, {at: 2900-01-02T00:00:00Z, traffic: 5%}]}]\n" +
		"tests: [{unit: u, variant: on}]\n"
	flags := filepath.Join(shop, "flags")
	write(t, filepath.Join(flags, "ramped.yaml"), ramp)
	requests := filepath.Join(shop, "requests.jsonl")
	write(t, requests, `{"user_id": "u", "context": {"country": "US", "orders": 0}}`+"\n")

	var got strings.Builder
	fields := func(name string, args ...string) {
		t.Helper()
		fmt.Fprintf(&got, "publisher %s\n", name)
		for _, f := range fieldsOf(t, run(t, append(args, "--format", "json")...)) {
			fmt.Fprintf(&got, "  %s\n", f)
		}
	}
	fields("test", "test", shop)
	write(t, filepath.Join(flags, "ramped.yaml"), strings.Replace(ramp, "variant: on}]\n", "variant: off}]\n", 1))
	fields("check", "check", shop)
	fields("plan", "plan", shop, "--requests", requests, "--traffic", "40000")
	fields("publish", "publish", shop, "--yes")
	fields("kill", "kill", "new_menu", shop, "-m", "broken")
	fields("ramp jump", "ramp", "jump", "ramped", shop, "--to", "5%", "-m", "well")
	fields("heartbeat", "heartbeat", shop)
	project, err := os.ReadFile(filepath.Join(shop, "sortition.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(shop, "sortition.yaml"), string(project)+"\nenvironments: {staging: {bucket: staging}}\n")
	write(t, filepath.Join(flags, "staged.yaml"), "key: staged\nowner: me\nstatus: running\nvariants: [{key: on}, {key: off}]\ndefault: off\n")
	run(t, "keygen", shop, "--environment", "staging")
	run(t, "publish", shop, "--environment", "staging", "--yes")
	fields("promote", "promote", shop, "--from", "staging", "--yes")
	fields("audit log", "audit", "log", shop)
	fields("audit verify", "audit", "verify", shop)
	fields("history", "history", shop)
	fields("diff", "diff", "1", "-", shop)
	write(t, filepath.Join(flags, "ramped.yaml"), strings.NewReplacer("traffic: 5%", "traffic: 6%", "variant: on}]\n", "variant: off}]\n").Replace(ramp))
	fields("canary start", "canary", "start", shop, "--label", "region=eu", "--yes")
	putReport(t, shop)
	fields("canary status", "canary", "status", shop, "--cache", t.TempDir())
	fields("canary promote", "canary", "promote", shop)
	fields("rollback", "rollback", shop, "-m", "slow", "--yes")
	write(t, filepath.Join(flags, "staged.yaml"), "key: staged\nowner: me\nstatus: running\nvariants: [{key: on}, {key: off}]\ndefault: on\n")
	run(t, "canary", "start", shop, "--share", "5%", "--yes", "--override", "affected", "--reason", "test")
	fields("canary abort", "canary", "abort", shop)
	fields("audit prove", "audit", "prove", "1", shop)
	cache := t.TempDir()
	fields("results --sql", "results", shop, "--sql", "--cache", cache)
	fields("results", "results", shop, "--cache", cache)
	fields("version", "version")
	keys := filepath.Join(t.TempDir(), "ann")
	fields("keygen", "keygen", "--out", keys+".key")
	draft := keys + ".json"
	fields("root init", "root", "init", "--root-key", keys+".pub", "--publish-key", keys+".pub", "--out", draft)
	fields("root sign", "root", "sign", draft, "--key", keys+".key")
	fields("root show", "root", "show", draft)
	next, root := keys+"-2.json", filepath.Join(shop, "keys", "root.json")
	fields("root rotate", "root", "rotate", root, "--out", next)
	run(t, "root", "sign", next, "--key", filepath.Join(shop, "keys", "publish.key"))
	fields("root publish", "root", "publish", next, shop)
	fields("explain", "explain", shop, "--unit", "user=u", "--attr", "country=US", "--attr", "orders=0")
	fields("simulate", "simulate", shop, "--units", "100", "--runs", "3")
	write(t, filepath.Join(flags, "broken.yaml"), "key: brokn\n")
	fields("check, of a project with problems", "check", shop)

	golden := filepath.Join("testdata", "fields.txt")
	if *updateFields {
		write(t, golden, got.String())
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	printed := byCommand(got.String())
	for command, fields := range byCommand(string(want)) {
		for _, f := range fields {
			if !slices.Contains(printed[command], f) {
				t.Errorf("%s does not print%s, but prints\n%s", command, f, strings.Join(printed[command], "\n"))
			}
		}
	}
}

// putReport puts the report of a host into the bucket of a project.
func putReport(t *testing.T, shop string) {
	t.Helper()
	r := hostreport.Stored{Received: model.MillisOf(time.Now())}
	r.Host, r.Environment = "edge-3", "production"
	r.Labels, r.Refused = map[string]string{"region": "eu"}, map[string]uint64{"activation": 1}
	data, err := r.Encode()
	if err == nil {
		err = os.MkdirAll(filepath.Join(shop, "bucket", hostreport.Prefix), 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(shop, "bucket", hostreport.Name(r.Host)), string(data))
}

// byCommand reads the lines of testdata/fields.txt.
func byCommand(text string) map[string][]string {
	all, command := map[string][]string{}, ""
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if strings.HasPrefix(line, " ") {
			all[command] = append(all[command], line)
		} else {
			command = line
		}
	}
	return all
}

// run runs the program and gives what it prints on standard output.
func run(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := Run(context.Background(), args, strings.NewReader(""), &stdout, &stderr); stdout.Len() == 0 {
		t.Fatalf("publisher %v: status %d, %s", args, status, stderr.Bytes())
	}
	return stdout.Bytes()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fieldsOf lists the paths of the fields of JSON values with their types.
func fieldsOf(t *testing.T, text []byte) []string {
	t.Helper()
	var list []string
	var visit func(path string, value any)
	visit = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, value := range v {
				visit(strings.TrimPrefix(path+"."+key, "."), value)
			}
		case []any:
			for _, item := range v {
				visit(path+"[]", item)
			}
			if len(v) == 0 {
				list = append(list, path+"[]")
			}
		default:
			kind := map[bool]string{true: "null"}[value == nil]
			switch value.(type) {
			case string:
				kind = "string"
			case float64:
				kind = "number"
			case bool:
				kind = "bool"
			}
			list = append(list, path+" "+kind)
		}
	}
	for d := json.NewDecoder(bytes.NewReader(text)); d.More(); {
		var value any
		if err := d.Decode(&value); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		visit("", value)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
