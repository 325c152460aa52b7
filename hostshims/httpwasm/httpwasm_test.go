package httpwasm

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/http-wasm/http-wasm-host-go/api"
	"github.com/http-wasm/http-wasm-host-go/handler"
	wasm "github.com/http-wasm/http-wasm-host-go/handler/nethttp"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/variantkey"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// log collects the errors of guests.
type log struct{ lines []string }

func (*log) IsEnabled(api.LogLevel) bool { return true }

func (l *log) Log(_ context.Context, _ api.LogLevel, message string) {
	l.lines = append(l.lines, message)
}

func command(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", append([]string{"run"}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, &stderr)
	}
	return out
}

// TestGuest checks that the guest decides as the host does, for the same shop.
func TestGuest(t *testing.T) {
	shop := shimtest.New(t)
	bucket := httptest.NewServer(http.FileServer(http.Dir(shop.Bucket)))
	defer bucket.Close()
	dir := t.TempDir()
	root, module := filepath.Join(dir, "root.json"), filepath.Join(dir, "guest.wasm")
	if err := os.WriteFile(root, shop.Root, 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, "./cmd/guest", module)
	guest, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	config := command(t, "./cmd/config", "--bundles", bucket.URL, "--root", root, "--environment", shimtest.Environment,
		"--id-cookie", "uid", "--id-header", "X-User", "--attribute", "country=X-Country", "--attribute", "device=X-Device")

	t.Run("decides", func(t *testing.T) { decides(t, shop.Open(), guest, config) })
	t.Run("refuses", func(t *testing.T) { refuses(t, guest, config) })
}

func decides(t *testing.T, h *host.Host, guest, config []byte) {
	complaints := &log{}
	site := siteBehind(t, guest, config, complaints)
	keys := map[string]int{}
	for i := range 300 {
		id := fmt.Sprintf("user-%d", i)
		for _, path := range []string{"/", "/cart", "/cart/pay?step=2", "/about"} {
			country, device := []string{"GB", "FR", ""}[i%3], []string{"mobile", "desktop"}[i%2]
			header := http.Header{"X-Country": {country}, "X-Device": {device}, "Sortition-Variants": {"forged"}, "Sortition-Variant-Key": {"forged"}}
			if i%2 == 0 {
				header.Set("Cookie", "a=b; uid="+id)
			} else {
				header.Set("X-User", id)
			}
			seen := site(path, header)
			want := map[string]string{}
			r := new(host.Request).Unit("user", id).String("device", device)
			if country != "" {
				r.String("country", country)
			}
			clean, _, _ := strings.Cut(path, "?")
			var decisions host.Decisions
			if err := h.DecideRoute(r, clean, &decisions); err != nil {
				t.Fatal(err)
			}
			for d := range decisions.All() {
				want[d.Experiment()] = d.Variant()
			}
			key := variantkey.Of(want)
			if got := seen.Get("Sortition-Variant-Key"); got != key {
				t.Fatalf("%s %s: the key is %s, want %s", id, path, got, key)
			}
			var told map[string]string
			if text := seen.Get("Sortition-Variants"); text != "" || key != variantkey.None {
				if err := json.Unmarshal([]byte(text), &told); err != nil {
					t.Fatalf("%s %s: the origin is told %q", id, path, text)
				}
			}
			if variantkey.Of(told) != key {
				t.Fatalf("%s %s: the origin is told %v, want %v", id, path, told, want)
			}
			keys[key]++
		}
	}
	if len(keys) < 8 { // -, button twice, banner with hero in two ways and without
		t.Errorf("only the keys %v came about", keys)
	}
	if len(complaints.lines) > 0 {
		t.Errorf("the guest complains: %s", complaints.lines)
	}
}

// refuses checks that the guest refuses invalid configurations. The site gets the defaults, and the
// log has the reason.
func refuses(t *testing.T, guest, config []byte) {
	for name, bad := range map[string][]byte{
		"no configuration": nil,
		"another root":     []byte(strings.Replace(string(config), `"root":"`, `"root":"AAAA`, 1)),
		"environment":      []byte(strings.Replace(string(config), `"environment":"test"`, `"environment":"other"`, 1)),
		"no payload":       []byte(strings.Replace(string(config), `"b/`, `"x/`, 1)),
	} {
		complaints := &log{}
		seen := siteBehind(t, guest, bad, complaints)("/cart", http.Header{"X-User": {"user-1"}, "Sortition-Variants": {"forged"}})
		if seen.Get("Sortition-Variant-Key") != variantkey.None || seen.Get("Sortition-Variants") != "" || len(complaints.lines) == 0 {
			t.Errorf("%s: %v, %v", name, seen, complaints.lines)
		}
	}
}

// siteBehind returns a function that requests a page through the guest, and returns the headers
// that the site received.
func siteBehind(t *testing.T, guest, config []byte, l api.Logger) func(path string, h http.Header) http.Header {
	t.Helper()
	middleware, err := wasm.NewMiddleware(context.Background(), guest, handler.GuestConfig(config), handler.Logger(l))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = middleware.Close(context.Background()) })
	var seen http.Header
	site := middleware.NewHandler(context.Background(), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header }))
	return func(path string, h http.Header) http.Header {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header = h
		w := httptest.NewRecorder()
		seen = nil
		site.ServeHTTP(w, r)
		if seen == nil {
			t.Fatalf("%s did not reach the site: %d %s", path, w.Code, w.Body)
		}
		return seen
	}
}
