package docs

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// metricTables list the metrics of both servers, as they answer for them: once a request was
// answered, an event was accepted and a document was refused, each metric has a value.
func metricTables(t *testing.T) string {
	programs, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(t, programs)
	for _, command := range []string{
		"publisher init shop && publisher keygen shop && publisher publish shop --yes",
		"openssl rand -hex 16 > api.key && openssl rand -hex 32 > unit.key",
		"edge collect --bucket shop/bucket --spool spool --api-key-file api.key --unit-key-file unit.key &",
		"edge serve --bucket shop/bucket --root shop/keys/root.json --poll 100ms --collector http://127.0.0.1:8090 --api-key-file api.key &",
		`curl -sf 127.0.0.1:8080/api/v1/assign -d '{"user_id": "user-9", "context": {"country": "GB", "orders": 0}}'`,
		"echo '{}' > shop/bucket/latest.json",
	} {
		if output, status, err := s.run(command); err != nil || status != 0 {
			t.Fatalf("$ %s\nexit status %d, %v\n%s", command, status, err, output)
		}
	}
	return "## edge serve\n\n" + s.metrics(t, "8080", "sortition_reload_rejected_total") +
		"\n## edge collect\n\n" + s.metrics(t, "8090", "sortition_collector_requests_total")
}

var (
	metricHelp = regexp.MustCompile(`(?m)^# HELP (sortition_\S+) (.*)$`)
	metricType = regexp.MustCompile(`(?m)^# TYPE (sortition_\S+) (.*)$`)
	sample     = regexp.MustCompile(`(?m)^(sortition_[a-z_]+?)(?:_bucket|_sum|_count)?\{(.*)\}`)
	label      = regexp.MustCompile(`([a-z_]+)="`)
)

// metrics makes a table of what a server shows, once a metric is among it.
func (s *shell) metrics(t *testing.T, port, until string) string {
	url := "http://127.0.0.1:" + s.port(port) + "/metrics"
	var text string
	for deadline := time.Now().Add(commandLimit); !strings.Contains(text, until); time.Sleep(pause) {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if text = string(body); time.Now().After(deadline) {
			t.Fatalf("%s has no %s", url, until)
		}
	}
	types, labels := map[string]string{}, map[string]map[string]bool{}
	for _, m := range metricType.FindAllStringSubmatch(text, -1) {
		types[m[1]] = m[2]
		labels[m[1]] = map[string]bool{}
	}
	for _, m := range sample.FindAllStringSubmatch(text, -1) {
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			if l[1] != "le" && labels[m[1]] != nil {
				labels[m[1]]["`"+l[1]+"`"] = true
			}
		}
	}
	var b strings.Builder
	b.WriteString("| metric | type | labels | |\n| --- | --- | --- | --- |\n")
	for _, m := range metricHelp.FindAllStringSubmatch(text, -1) {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m[1], types[m[1]], strings.Join(slices.Sorted(maps.Keys(labels[m[1]])), " "), cell(m[2]))
	}
	return b.String()
}
