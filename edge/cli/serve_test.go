package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/sortition-dev/sortition/edge/eventually"
)

// serveOn starts `edge serve` on the bucket with a short poll.
func serveOn(t testing.TB, b *bucket, more ...string) *process {
	t.Helper()
	return start(t, append([]string{"serve", "--bucket", b.dir, "--root", b.rootFile, "--environment", "test",
		"--listen", "127.0.0.1:0", "--poll", "20ms"}, more...)...)
}

// assign asks for a decision and returns the revision and the configuration it came with.
func assign(url, user string) (revision, config int, err error) {
	res, err := http.Post(url+"/api/v1/assign", "application/json", strings.NewReader(`{"user_id":"`+user+`"}`))
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, 0, err
	}
	var answer struct {
		Revision    int
		Assignments []struct{ Config int }
	}
	if res.StatusCode != http.StatusOK {
		return 0, 0, fmt.Errorf("%s: %s", res.Status, body)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return 0, 0, err
	}
	if len(answer.Assignments) != 1 {
		return 0, 0, fmt.Errorf("%d assignments", len(answer.Assignments))
	}
	return answer.Revision, answer.Assignments[0].Config, nil
}

func waitForRevision(t testing.TB, url string, want int) {
	t.Helper()
	eventually.True(t, fmt.Sprintf("revision %d", want), func() bool {
		revision, _, err := assign(url, "u")
		return err == nil && revision == want
	})
}

func TestServeSwapsWithoutDroppingARequest(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	p := serveOn(t, b)
	waitForRevision(t, p.url, 1)

	const clients, revisions = 4, 6
	var requests atomic.Int64
	var load sync.WaitGroup
	done := make(chan struct{})
	for c := range clients {
		load.Go(func() {
			last := 0
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				revision, config, err := assign(p.url, fmt.Sprint("user", c, "-", i))
				switch {
				case err != nil:
					t.Errorf("request failed: %v", err)
					return
				case revision != config: // revision n was published with configuration n
					t.Errorf("revision %d came with the configuration of %d", revision, config)
				case revision < last:
					t.Errorf("revision %d came after %d", revision, last)
				}
				last = revision
				requests.Add(1)
			}
		})
	}
	for n := 2; n <= revisions; n++ {
		b.publish(t, n)
		waitForRevision(t, p.url, n)
	}
	close(done)
	load.Wait()
	t.Logf("%d requests during %d swaps", requests.Load(), revisions-1)
	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

func TestServeWhileTheBucketIsDown(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	var down atomic.Bool
	files := http.FileServer(http.Dir(b.dir))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		files.ServeHTTP(w, r)
	}))
	defer web.Close()
	args := []string{"serve", "--bucket", web.URL, "--root", b.rootFile, "--environment", "test",
		"--listen", "127.0.0.1:0", "--poll", "20ms", "--state-dir", t.TempDir()}
	p := start(t, args...)
	waitForRevision(t, p.url, 1)

	down.Store(true)
	eventually.True(t, "a look at the bucket that is down", func() bool { return readiness(t, p.url).LastError != "" })
	if revision, _, err := assign(p.url, "u"); err != nil || revision != 1 {
		t.Errorf("while the bucket is down: revision %d, %v", revision, err)
	}
	if r := readiness(t, p.url); r.status != http.StatusOK || !r.Ready {
		t.Errorf("readyz while the bucket is down: %+v", r)
	}
	p.kill()

	p = start(t, args...) // from the last good bundle
	waitForRevision(t, p.url, 1)
	if r := readiness(t, p.url); r.Origin != "disk" {
		t.Errorf("started from %q, want disk", r.Origin)
	}
	b.publish(t, 2)
	down.Store(false)
	waitForRevision(t, p.url, 2)
	if r := readiness(t, p.url); r.Origin != "source" {
		t.Errorf("revision 2 is from %q, want source", r.Origin)
	}
	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// ready is what /readyz?verbose says, in part.
type ready struct {
	status          int
	Ready           bool
	Epoch, Revision int
	Origin          string
	Engine          string
	RootVersion     int    `json:"root_version"`
	LastError       string `json:"last_error"`
}

func readiness(t testing.TB, url string) (r ready) {
	t.Helper()
	res, err := http.Get(url + "/readyz?verbose")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&r); err != nil {
		t.Fatal(err)
	}
	r.status = res.StatusCode
	return r
}

func TestServeBeforeAnythingIsPublished(t *testing.T) {
	b := newBucket(t)
	p := serveOn(t, b, "--log-format", "json")
	if _, _, err := assign(p.url, "u"); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v, want a 503", err)
	}
	b.publish(t, 1)
	waitForRevision(t, p.url, 1)
	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

func TestServeNatively(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	for engine, args := range map[string][]string{"wazero": nil, "native": {"--engine", "native"}} {
		p := serveOn(t, b, args...)
		waitForRevision(t, p.url, 1)
		if r := readiness(t, p.url); r.Engine != engine {
			t.Errorf("%s serves, want %s", r.Engine, engine)
		}
		res, err := http.Get(p.url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		metrics, err := io.ReadAll(res.Body)
		if err != nil || !strings.Contains(string(metrics), "\nsortition_engine{engine=\""+engine+"\"} 1\n") {
			t.Errorf("the metrics lack the engine %s (%v)", engine, err)
		}
		res.Body.Close()
		if status := p.stop(); status != 0 {
			t.Errorf("exit status %d", status)
		}
	}
}

// slowRequest opens a request whose body is not complete until finish is called.
func slowRequest(t *testing.T, url string) (finish func() (status string)) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	const first, second = `{"user_id":`, `"u"}`
	fmt.Fprintf(conn, "POST /api/v1/assign HTTP/1.1\r\nHost: edge\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(first+second))
	// The server asks for the body once the handler reads it: the request is in flight.
	answer := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(conn, answer); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, first)
	return func() string {
		fmt.Fprint(conn, second)
		text, _ := io.ReadAll(conn) // a connection that is reset has no status
		status, _, _ := strings.Cut(string(text), "\r\n")
		return status
	}
}

func TestServeFinishesWhatIsInFlight(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	p := serveOn(t, b)
	waitForRevision(t, p.url, 1)
	finish := slowRequest(t, p.url)
	p.signal(syscall.SIGTERM)
	eventually.True(t, "the end of accepting", func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	if status := finish(); status != "HTTP/1.1 200 OK" {
		t.Errorf("the request in flight was answered %q", status)
	}
	if status := p.wait(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

func TestServeCutsOffWhatDoesNotFinish(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	p := serveOn(t, b, "--shutdown-timeout", "50ms")
	waitForRevision(t, p.url, 1)
	slowRequest(t, p.url)
	if status := p.stop(); status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
	if !strings.Contains(p.log(), "were aborted") {
		t.Errorf("the log does not say so: %s", p.log())
	}
}

// TestServeAnswersEnvoy asks as Envoy's filter ext_authz does, for a visitor who comes again.
func TestServeAnswersEnvoy(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("s", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serveOn(t, b, "--envoy-secret-file", secret, "--envoy-consent-cookie", "agreed")
	waitForRevision(t, p.url, 1)
	ask := func(cookies ...string) http.Header {
		r, err := http.NewRequest(http.MethodGet, p.url+"/envoy/ext_authz/cart", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK || res.Header.Get("Sortition-Variant-Key") == "" || res.Header.Get("Sortition-Decisions") == "" {
			t.Fatalf("Envoy is answered %s with %v", res.Status, res.Header)
		}
		return res.Header
	}
	if set := ask().Values("Set-Cookie"); len(set) != 0 {
		t.Errorf("without consent %v is set", set)
	}
	set := ask("agreed=1").Values("Set-Cookie")
	if len(set) == 0 {
		t.Fatal("with consent nothing is set")
	}
	example, err := os.ReadFile("../../examples/envoy/ext_authz.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name := range ask("agreed=1") {
		if name != "Date" && name != "Content-Length" && !strings.Contains(string(example), "{exact: "+strings.ToLower(name)+"}") {
			t.Errorf("the example lets Envoy drop the header %s", name)
		}
	}
	id, _, _ := strings.Cut(set[0], ";")
	if again := ask("agreed=1", id).Values("Set-Cookie"); len(again) != 0 {
		t.Errorf("of a visitor who is known %v is set", again)
	}
}
