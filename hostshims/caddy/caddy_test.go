package caddy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// startTimeout is how long a server may take to answer on a busy machine.
const startTimeout = time.Minute

// server is a Caddy with the handler and the site of the example.
type server struct {
	t          *testing.T
	site, ctrl *http.Client // of visitors, and of the admin API
	config     []byte
	log        *bytes.Buffer
}

func start(t *testing.T, shop *shimtest.Shop, origin string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "caddy") // short, since sockets have short names
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "caddy")
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/caddy").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	root, admin, site := filepath.Join(dir, "root.json"), filepath.Join(dir, "admin"), filepath.Join(dir, "site")
	if err := os.WriteFile(root, shop.Root, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, site: overSocket(site), ctrl: overSocket(admin), log: new(bytes.Buffer)}
	if s.config, err = os.ReadFile("site/Caddyfile"); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "run", "--config", "site/Caddyfile")
	cmd.Stdout, cmd.Stderr = s.log, s.log
	cmd.Env = append(os.Environ(), "HOME="+dir, "ADMIN=unix/"+admin, "BIND=unix/"+site, "ORIGIN="+origin, "BUNDLES="+shop.Bucket,
		"ROOT="+root, "ENVIRONMENT="+shimtest.Environment, "SORTITION_SECRET="+shimtest.Secret)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("caddy ends with %v\n%s", err, s.log)
		}
	})
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if answer, err := s.site.Get("http://site/about"); err == nil {
			_ = answer.Body.Close()
			return s
		} else if time.Since(begun) > startTimeout {
			t.Fatalf("caddy does not answer: %v", err)
		}
	}
}

func overSocket(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
}

// load loads a page of the site, and returns the origin's answer.
func (s *server) load(path, country string, cookies ...*http.Cookie) (string, *http.Response) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://site"+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("X-Country", country)
	for _, c := range cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	answer, err := s.site.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(page), answer
}

// reload loads the configuration of the site again, with a part of it replaced.
func (s *server) reload(old, replacement string) int {
	s.t.Helper()
	config := strings.ReplaceAll(string(s.config), old, replacement)
	r, err := http.NewRequest(http.MethodPost, "http://admin/load", strings.NewReader(config))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/caddyfile")
	r.Header.Set("Cache-Control", "must-revalidate") // even if nothing has changed
	answer, err := s.ctrl.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func TestSite(t *testing.T) {
	sealer, err := cookie.NewSealer(shimtest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, ok := sealer.OpenDecisions(r.Header.Get(cookie.DecisionsHeader), time.Now())
		fmt.Fprint(w, ok, " ", d.Variants["button"], " ", r.URL.Path)
	}))
	defer origin.Close()
	shop := shimtest.New(t)
	s := start(t, shop, strings.TrimPrefix(origin.URL, "http://"))

	page, answer := s.load("/cart", "GB")
	cookies := answer.Cookies()
	want := map[string]string{"button.control": "true control /cart", "button.green": "true green /green/cart"}
	key := answer.Header.Get("X-Variant-Key")
	if page != want[key] || want[key] == "" || len(cookies) != 2 {
		t.Fatalf("the page is %q, its key %q, cookies %v", page, key, cookies)
	}
	if again, answer := s.load("/cart", "GB", cookies...); again != page || len(answer.Cookies()) != 0 {
		t.Errorf("the second time the page is %q", again)
	}
	if page, answer := s.load("/cart", "FR"); page != "true  /cart" || answer.Header.Get("X-Variant-Key") != "-" {
		t.Errorf("beyond the audience the page is %q", page)
	}

	// Another configuration with the same source keeps the bundle, although the bucket is gone.
	if err := os.Rename(shop.Bucket, shop.Bucket+".gone"); err != nil {
		t.Fatal(err)
	}
	if status := s.reload("X-Variant-Key", "X-Key"); status != http.StatusOK {
		t.Fatalf("the reload is answered with %d\n%s", status, s.log)
	}
	if again, answer := s.load("/cart", "GB", cookies...); again != page || answer.Header.Get("X-Key") != key {
		t.Errorf("after the reload the page is %q, with %v", again, answer.Header)
	}
	// An invalid configuration is refused, and the last one stays active.
	if status := s.reload("geo country", "geo planet"); status != http.StatusBadRequest {
		t.Errorf("a mistake is answered with %d", status)
	}
	if again, _ := s.load("/cart", "GB", cookies...); again != page {
		t.Errorf("after a mistake the page is %q", again)
	}
}

func TestCaddyfile(t *testing.T) {
	for text, want := range map[string]string{
		"sortition x":                     "argument",
		"sortition {\n color red\n}":      `unknown option "color"`,
		"sortition {\n poll often\n}":     "poll:",
		"sortition {\n geo country\n}":    "argument",
		"sortition {\n consent maybe\n}":  "argument",
		"sortition {\n bundles a b\n}":    "argument",
		"sortition {\n environment\n}":    "argument",
		"sortition {\n consent a b c\n}":  "argument",
		"sortition {\n secret\n bundles}": "argument",
	} {
		err := new(Handler).UnmarshalCaddyfile(caddyfile.NewTestDispenser(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for name, h := range map[string]*Handler{
		"no bundles":     {Source: Source{Root: "root.json"}},
		"no root":        {Source: Source{Bundles: "bucket"}},
		"no such engine": {Source: Source{Bundles: "bucket", Root: "root.json", Engine: "v8"}},
		"no consent":     {Source: Source{Bundles: "bucket", Root: "root.json"}, Secret: shimtest.Secret},
	} {
		if h.complete() == nil {
			t.Errorf("%s is enough", name)
		}
	}
}
