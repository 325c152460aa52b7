package js

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/exposure/exposuretest"
)

const secret = "0123456789abcdef0123456789abcdef"

// files writes the files of README.md into a temporary directory.
func files(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	for _, m := range regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```js\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		if err := os.WriteFile(filepath.Join(directory, m[1]), []byte(m[2]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// bucket serves the objects of a job.
func bucket(t *testing.T, job openJob) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := job.Objects[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(data)
	}))
	t.Cleanup(s.Close)
	return s
}

// site is an origin with two pages, and a collector.
type site struct {
	mu        sync.Mutex
	exposures []event.ExposureBatch
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/v1/exposures" {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><html><head><title>%s</title>", r.URL.Path)
		return
	}
	batch, _, err := exposuretest.Read(r)
	if err != nil || batch.Validate() != nil || r.Header.Get("Authorization") != "Bearer key" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exposures = append(s.exposures, batch)
	w.WriteHeader(http.StatusAccepted)
}

// TestWorkerOfReadme runs the README's Worker in workerd, in front of a site.
func TestWorkerOfReadme(t *testing.T) {
	job := experiment(t)
	origin := new(site)
	collector := httptest.NewServer(origin)
	t.Cleanup(collector.Close)
	worker := runtime{"workerd", []string{"node", "test/runtimes/workerd.js", filepath.Join(files(t), "worker.js"),
		"ROOT=" + string(job.Root), "BUNDLES=" + bucket(t, job).URL, "SECRET=" + secret, "COLLECTOR=" + collector.URL, "API_KEY=key"}, "workerd"}
	url := worker.start(t).(*server).url

	const crowd = 20 // at a cold start
	var visitors sync.WaitGroup
	for range crowd {
		visitors.Go(func() {
			if page := visit(t, new(http.Client), url, collector.URL); !strings.Contains(page, `"variant":"on"`) {
				t.Errorf("the page is %s", page)
			}
		})
	}
	visitors.Wait()
	origin.waitFor(t, crowd)

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	visitor := &http.Client{Jar: jar}
	for range 3 {
		page := visit(t, visitor, url, collector.URL)
		want := `<head><script type="application/json" id="sortition" nonce="c29ydGl0aW9u">{"button":{"variant":"on","config":{"color":"grün"}}}</script><title>/new</title>`
		if !strings.Contains(page, want) {
			t.Errorf("the page is %s", page)
		}
	}
	origin.waitFor(t, crowd+1) // three pages of one visitor are one exposure
}

// waitFor waits for n exposures, and checks that their sequence numbers are 1 to n.
func (s *site) waitFor(t *testing.T, n int) {
	t.Helper()
	var seen []uint64
	for deadline := time.Now().Add(time.Minute); len(seen) < n && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		seen = s.sequence()
	}
	for i, seq := range seen {
		if seq != uint64(i+1) {
			t.Fatalf("the exposures are %d", seen)
		}
	}
	if len(seen) != n {
		t.Fatalf("%d exposures arrived, want %d", len(seen), n)
	}
}

// sequence returns the sequence numbers of the exposures, ascending.
func (s *site) sequence() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []uint64
	for _, batch := range s.exposures {
		for _, e := range batch.Exposures {
			all = append(all, e.Seq)
		}
	}
	slices.Sort(all)
	return all
}

// visit asks the worker for a page of an origin.
func visit(t *testing.T, c *http.Client, worker, origin string) string {
	request, err := http.NewRequest(http.MethodGet, worker, nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	request.Host = strings.TrimPrefix(origin, "http://") // the worker passes on to where the visitor wanted to
	response, err := c.Do(request)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%s, %v", response.Status, err)
	}
	return string(page)
}

// TestServerOfReadme runs the README's server in Node.
func TestServerOfReadme(t *testing.T) {
	job := experiment(t)
	directory := files(t)
	root := filepath.Join(directory, "root.json")
	if err := os.WriteFile(root, job.Root, 0o644); err != nil {
		t.Fatal(err)
	}
	link(t, directory)
	for name, value := range map[string]string{"BUNDLES": bucket(t, job).URL, "ROOT_FILE": root, "SECRET": secret, "STATE": filepath.Join(directory, "state")} {
		t.Setenv(name, value)
	}
	node := runtime{"node", []string{"node", filepath.Join(directory, "server.js")}, ""}
	page := visit(t, new(http.Client), node.start(t).(*server).url, "http://shop.example")
	if page != `{"button":"on","config":{"color":"grün"}}` {
		t.Errorf("the page is %s", page)
	}
	if _, err := os.Stat(filepath.Join(directory, "state", "latest.json")); err != nil {
		t.Errorf("the bundle was not kept: %v", err)
	}
}

// link installs this package beside a directory's files.
func link(t *testing.T, directory string) {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	scope := filepath.Join(directory, "node_modules", "@sortition")
	if err := os.MkdirAll(scope, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(here, filepath.Join(scope, "edge")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(directory, "package.json"), []byte(`{"type":"module"}`), 0o644); err != nil {
		t.Fatal(err)
	}
}
