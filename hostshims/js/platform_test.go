package js

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// deliveryTimeout is how long a queue may take to deliver all exposures on a busy machine.
const deliveryTimeout = time.Minute

// TestCloudflareServices runs a Worker that reads its bundle from KV. In the data center's cache
// it keeps the bundle, and one copy of a page for each variant. It sends exposures to a queue.
func TestCloudflareServices(t *testing.T) {
	if _, err := os.Stat("../../examples/worker/node_modules/miniflare"); err != nil {
		t.Skip("MINIFLARE IS NOT INSTALLED: KV, the cache and queues were not tried; run npm install --no-save in examples/worker")
	}
	shop := shimtest.New(t)
	root := write(t, t.TempDir(), "root.json", string(shop.Root))
	worker := runtime{"platform", []string{"node", "test/runtimes/platform.js", shop.Bucket, root, shimtest.Environment}, "esbuild"}
	url := worker.start(t).(*server).url

	pages := map[string]string{}
	given := map[string]string{}
	for i := range visitors {
		user := fmt.Sprintf("user-%d", i)
		for range 2 {
			key, page, control := visitAs(t, url+"cart", user)
			if pages[key] == "" {
				pages[key] = page
			}
			if page != pages[key] || control != "private, max-age=60" {
				t.Fatalf("the page for %s is %q with Cache-Control %q; before it was %q", key, page, control, pages[key])
			}
			given[user] = strings.TrimPrefix(key, "button.")
		}
	}
	if len(pages) != 2 || pages["button.control"] == pages["button.green"] || pages["button.green"] == "" {
		t.Errorf("the cache has %v, want one page for each variant", pages)
	}
	if _, kept, _ := visitAs(t, url+"kept", ""); kept != "true" {
		t.Errorf("whether the cache keeps the bundle is %s", kept)
	}
	handedOver(t, url, given)
}

// visitAs returns the variant key, the body and the Cache-Control header of a page.
func visitAs(t *testing.T, url, user string) (key, page, control string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-User", user)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v: %s", response.Status, err, body)
	}
	return response.Header.Get("X-Key"), string(body), response.Header.Get("Cache-Control")
}

// handedOver waits until the queue has delivered one exposure of each visitor. Each must have the
// variant that the visitor was given, and a unique sequence number.
func handedOver(t *testing.T, url string, given map[string]string) {
	t.Helper()
	var received []struct {
		Boot    string
		Seq     int
		Variant string
		UnitID  string `json:"unit_id"`
	}
	for deadline := time.Now().Add(deliveryTimeout); len(received) < len(given) && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		_, body, _ := visitAs(t, url+"received", "")
		if err := json.Unmarshal([]byte(body), &received); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
	}
	seen := map[string]bool{}
	for _, e := range received {
		id := fmt.Sprint(e.Boot, e.Seq)
		if e.Variant != given[e.UnitID] || seen[e.UnitID] || seen[id] {
			t.Errorf("%+v was delivered, want variant %s", e, given[e.UnitID])
		}
		seen[e.UnitID], seen[id] = true, true
	}
	if len(received) != len(given) {
		t.Errorf("%d exposures were delivered, want %d", len(received), len(given))
	}
}
