package js

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// TestBrowserExample loads the example twice in Chromium. Both times it must show the same: first
// by the bundle of the source, and then by the one that the browser kept.
func TestBrowserExample(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("CHROMIUM IS NOT INSTALLED: the example for browsers was not run; install Debian's package chromium")
	}
	if _, err := os.Stat("test/node_modules/playwright-core"); err != nil {
		t.Skip("PLAYWRIGHT IS NOT INSTALLED: the example for browsers was not run; run npm install --no-save --ignore-scripts in hostshims/js/test")
	}
	page, err := os.ReadFile("../../examples/browser/index.html")
	if err != nil {
		t.Fatal(err)
	}
	shop := shimtest.New(t)
	site := http.NewServeMux()
	site.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(bytes.ReplaceAll(page, []byte(`"production"`), []byte(`"`+shimtest.Environment+`"`)))
	})
	site.Handle("/sortition/", http.StripPrefix("/sortition/", http.FileServer(http.Dir("."))))
	site.Handle("/bundles/", http.StripPrefix("/bundles/", http.FileServer(http.Dir(shop.Bucket))))
	site.HandleFunc("/root.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(shop.Root) })
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)

	out, err := exec.CommandContext(t.Context(), "node", "test/runtimes/visit-page.js", server.URL, chromium).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var visits []struct{ Variant, Origin string }
	if err := json.Unmarshal(out, &visits); err != nil || len(visits) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	first, second := visits[0], visits[1]
	if first.Variant != second.Variant || first.Variant != "control" && first.Variant != "green" {
		t.Errorf("the page shows %q, and then %q", first.Variant, second.Variant)
	}
	if first.Origin != "source" || second.Origin != "kept" {
		t.Errorf("the bundle is from %q, and then from %q", first.Origin, second.Origin)
	}
}
