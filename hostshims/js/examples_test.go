package js

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// visitors is how many load a page. The probability that all get the same variant is 2^-19.
const visitors = 20

// TestWorkerExample runs the example by the command that its README has, in workerd with an
// R2 bucket.
func TestWorkerExample(t *testing.T) {
	const directory = "../../examples/worker"
	if _, err := os.Stat(directory + "/node_modules/miniflare"); err != nil {
		t.Skip("MINIFLARE IS NOT INSTALLED: the example was not run; run npm install --no-save in examples/worker")
	}
	shop := shimtest.New(t)
	root := write(t, t.TempDir(), "root.json", string(shop.Root))
	t.Setenv("PORT", "0")
	example := runtime{"worker", []string{"node", directory + "/serve.js", shop.Bucket, root, shimtest.Environment}, ""}
	url := example.start(t).(*server).url + "cart"
	shown(t, url, func(page *http.Response, body string) string {
		said := regexp.MustCompile(`<pre>\{"button":"(\w+)"\}</pre>`).FindStringSubmatch(body)
		if said == nil || !strings.Contains(body, `<head><script type="application/json" id="sortition">`) {
			t.Fatalf("the page is %s", body)
		}
		if control, vary := page.Header.Get("Cache-Control"), page.Header.Get("Vary"); control != "private" || vary != "Sortition-Variant-Key" {
			t.Errorf("Cache-Control is %q, Vary is %q", control, vary)
		}
		return said[1]
	}, "control", "green")
}

// TestLambdaEdgeExample runs the example in Node, with CloudFront's events.
func TestLambdaEdgeExample(t *testing.T) {
	shop := shimtest.New(t)
	directory := t.TempDir()
	link(t, directory)
	source, err := os.ReadFile("../../examples/lambda-edge/handlers.js")
	if err != nil {
		t.Fatal(err)
	}
	handlers := write(t, directory, "handlers.js", string(source))
	var settings strings.Builder
	for name, value := range settingsOf(t, shop) {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&settings, "export const %s = %s;\n", name, text)
	}
	write(t, directory, "settings.js", settings.String())
	example := runtime{"lambda-edge", []string{"node", "test/runtimes/cloudfront.js", handlers}, ""}
	shown(t, example.start(t).(*server).url+"cart", func(_ *http.Response, body string) string { return body }, "/cart", "/new/cart")
}

// TestMiddlewareExample runs the example in Vercel's edge runtime.
func TestMiddlewareExample(t *testing.T) {
	shop := shimtest.New(t)
	file, err := filepath.Abs("../../examples/middleware/middleware.js")
	if err != nil {
		t.Fatal(err)
	}
	command := []string{"node", "test/runtimes/middleware.js", file}
	for name, value := range settingsOf(t, shop) {
		command = append(command, name+"="+value)
	}
	example := runtime{"middleware", command, "edge-runtime"}
	url := example.start(t).(*server).url
	shown(t, strings.TrimSuffix(url, "/")+"/cart", func(page *http.Response, _ string) string {
		target, err := page.Request.URL.Parse(page.Header.Get("x-middleware-rewrite"))
		if err != nil {
			t.Fatal(err)
		}
		return target.Path
	}, "/cart", "/new/cart")
}

// TestServerExamples runs the sites in Deno and in Bun.
func TestServerExamples(t *testing.T) {
	for _, r := range runtimes() {
		var file string
		switch r.name {
		case "deno":
			r.command = []string{r.command[0], "run", "--allow-net", "--allow-read", "--allow-env"}
			file = "../../examples/deno/main.js"
		case "bun":
			r.command = r.command[:1]
			file = "../../examples/bun/server.js"
		default:
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			for name, value := range settingsOf(t, shimtest.New(t)) {
				t.Setenv(name, value)
			}
			t.Setenv("PORT", "0")
			t.Setenv("STATE", t.TempDir())
			if r.name == "bun" {
				directory := t.TempDir()
				link(t, directory)
				source, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				file = write(t, directory, "server.js", string(source))
			}
			r.command = append(r.command, file)
			shown(t, r.start(t).(*server).url+"cart", func(page *http.Response, body string) string {
				said := regexp.MustCompile(`<button>(\w+)</button>`).FindStringSubmatch(body)
				if said == nil || page.Header.Get("Cache-Control") != "private" {
					t.Fatalf("the page is %s, with %v", body, page.Header)
				}
				return said[1]
			}, "control", "green")
		})
	}
}

// settingsOf returns the settings of these examples. A web server serves the shop's bucket.
func settingsOf(t *testing.T, shop *shimtest.Shop) map[string]string {
	t.Helper()
	bucket := httptest.NewServer(http.FileServer(http.Dir(shop.Bucket)))
	t.Cleanup(bucket.Close)
	return map[string]string{
		"BUNDLES": bucket.URL, "ENVIRONMENT": shimtest.Environment, "ROOT": string(shop.Root), "SECRET": shimtest.Secret,
	}
}

// shown has visitors load a page twice each. It checks that a visitor sees the same both times,
// and that together they see all of the expected pages and no others.
func shown(t *testing.T, url string, read func(page *http.Response, body string) string, all ...string) {
	t.Helper()
	seen := map[string]bool{}
	for range visitors {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		visitor := &http.Client{Jar: jar, Transport: plain{}}
		first := ""
		for range 2 {
			page, err := visitor.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(page.Body)
			page.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			what := read(page, string(body))
			if first != "" && what != first {
				t.Errorf("a visitor sees %s, and then %s", first, what)
			}
			first = what
		}
		seen[first] = true
	}
	for _, what := range all {
		if !seen[what] {
			t.Errorf("no visitor sees %s", what)
		}
	}
	if len(seen) > len(all) {
		t.Errorf("visitors see %v", seen)
	}
}

// plain removes the attribute Secure from cookies. Visitors reach CloudFront over HTTPS, and
// this test uses HTTP.
type plain struct{}

func (plain) RoundTrip(r *http.Request) (*http.Response, error) {
	page, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	for i, cookie := range page.Header["Set-Cookie"] {
		page.Header["Set-Cookie"][i] = strings.ReplaceAll(cookie, "; Secure", "")
	}
	return page, nil
}

func write(t *testing.T, directory, name, text string) string {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
