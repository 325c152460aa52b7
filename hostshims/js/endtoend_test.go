package js

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/edge/collector"
	eventsink "github.com/sortition-dev/sortition/edge/collector/sink/bucket"
	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

const (
	exampleWorker = "../../examples/worker/worker.js"
	apiKey        = "key"

	// followTimeout is how long the worker may take to follow on a busy machine. It polls
	// every five seconds.
	followTimeout = time.Minute
)

// readable is the policy of a bucket whose objects everyone may read, as bundles are.
const readable = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::bundles/*"]}]}`

// shopSite renders the variants in the worker's signed header, and records the variant keys.
type shopSite struct {
	sealer *cookie.Sealer

	mu   sync.Mutex
	keys map[string]string // the variant key, by the button that was rendered
}

func (s *shopSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d, ok := s.sealer.OpenDecisions(r.Header.Get(cookie.DecisionsHeader), time.Now())
	if !ok {
		http.Error(w, "the worker's header is missing", http.StatusBadRequest)
		return
	}
	button := d.Variants["button"]
	s.mu.Lock()
	s.keys[button] = r.Header.Get("Sortition-Variant-Key")
	s.mu.Unlock()
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Cache-Control", "public, max-age=60")
	fmt.Fprintf(w, "<!doctype html><html><head><title>Cart</title></head><body><button>%s</button><i>revision %d</i></body></html>", button, d.Revision)
}

// TestEndToEnd publishes to an S3 server. It runs a Worker in workerd in front of a site, with a
// browser and a collector. Then it publishes again under load.
func TestEndToEnd(t *testing.T) {
	s3 := startS3(t)
	shop := shimtest.NewIn(t, openBucket(t, s3, "bundles"))
	events := openBucket(t, s3, "events")
	c, url := startCollector(t, events)
	sealer, err := cookie.NewSealer(shimtest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	origin := &shopSite{sealer: sealer, keys: map[string]string{}}
	siteServer := httptest.NewServer(origin)
	t.Cleanup(siteServer.Close)
	worker := runtime{"workerd", []string{"node", "test/runtimes/workerd.js", exampleWorker,
		"ROOT=" + string(shop.Root), "ENVIRONMENT=" + shimtest.Environment, "BUNDLES=" + s3.Endpoint + "/bundles",
		"SECRET=" + shimtest.Secret, "SITE=" + siteServer.URL, "COLLECTOR=" + url, "API_KEY=" + apiKey}, "workerd"}
	page := worker.start(t).(*server).url + "cart"

	variant := visitTwice(t, page)
	if want := "button." + variant; origin.keys[variant] != want {
		t.Errorf("the variant key is %s, want %s", origin.keys[variant], want)
	}

	follow(t, page, func() { shop.Publish("experiments/button.yaml", greenForAll) })

	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := exposuresOfFirst(t, events); len(got) != 1 || got[0].Experiment != "button" || got[0].Variant != variant || got[0].Revision != 1 {
		t.Errorf("the collector has %+v, want one exposure to %s", got, variant)
	}
}

// greenForAll is the shop's experiment with another split, which is a new phase.
const greenForAll = `key: button
status: running
sticky: true
audience: "!present(country) || country != \"FR\""
variants: [{key: control, weight: 0%}, {key: green, weight: 100%, config: {color: green}}]
routes: [/cart, /cart/:step]
`

// visitTwice loads a page twice in a browser, and returns the variant that it shows.
func visitTwice(t *testing.T, url string) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("CHROMIUM IS NOT INSTALLED: no browser visited; install Debian's package chromium")
	}
	if _, err := os.Stat("test/node_modules/playwright-core"); err != nil {
		t.Skip("PLAYWRIGHT IS NOT INSTALLED: no browser visited; run npm install --no-save --ignore-scripts in hostshims/js/test")
	}
	out, err := exec.Command("node", "test/runtimes/visit-twice.js", url, chromium).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var visits []struct {
		HTML, Seen string
		Hydrated   map[string]struct{ Variant string }
	}
	if err := json.Unmarshal(out, &visits); err != nil || len(visits) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	variant := visits[0].Seen
	if variant != "control" && variant != "green" {
		t.Fatalf("the page shows %q", variant)
	}
	for _, v := range visits {
		// The variant is in the bytes that were sent, before any script runs.
		if !strings.Contains(v.HTML, "<button>"+variant+"</button>") || v.Seen != variant || v.Hydrated["button"].Variant != variant {
			t.Errorf("a visitor of %s gets %+v", variant, v)
		}
	}
	return variant
}

// follow publishes while visitors load a page, and waits until all of them see it.
func follow(t *testing.T, url string, publish func()) {
	t.Helper()
	const visitors = 4
	var published, seen atomic.Int64
	var pages atomic.Int64
	deadline := time.Now().Add(followTimeout)
	var all sync.WaitGroup
	for range visitors {
		all.Go(func() {
			for time.Now().Before(deadline) {
				response, err := http.Get(url)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				pages.Add(1)
				if err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("%s: %v: %s", response.Status, err, body)
					return
				}
				if strings.Contains(string(body), "<button>green</button><i>revision 2</i>") {
					seen.CompareAndSwap(0, time.Now().UnixMilli())
					return
				}
			}
			t.Errorf("revision 2 is not served after %v", followTimeout)
		})
	}
	publish()
	published.Store(time.Now().UnixMilli())
	all.Wait()
	t.Logf("revision 2 is served %d ms after it was published; %d pages meanwhile", seen.Load()-published.Load(), pages.Load())
}

func startS3(t *testing.T) *storetest.VersityGW {
	t.Helper()
	s3, err := storetest.StartVersityGW(t.TempDir(), t.TempDir(), "bundles", "events")
	if errors.Is(err, storetest.ErrNoVersityGW) {
		t.Skipf("SKIPPED: the end-to-end test: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s3.Close)
	client, err := minio.New(strings.TrimPrefix(s3.Endpoint, "http://"), &minio.Options{Creds: credentials.NewStaticV4(s3.Access, s3.Secret, "")})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.SetBucketPolicy(t.Context(), "bundles", readable); err != nil {
		t.Fatal(err)
	}
	return s3
}

func openBucket(t *testing.T, s3 *storetest.VersityGW, name string) *store.S3 {
	t.Helper()
	bucket, err := s3.Store(name, "")
	if err != nil {
		t.Fatal(err)
	}
	return bucket
}

func startCollector(t *testing.T, bucket *store.S3) (*collector.Collector, string) {
	t.Helper()
	c, err := collector.New(collector.Config{
		Sink: eventsink.New(bucket), Bucket: bucket, Dir: filepath.Join(t.TempDir(), "spool"), APIKeys: []string{apiKey},
		HashKey: []byte(shimtest.Secret), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(c.Handler())
	t.Cleanup(s.Close)
	return c, s.URL
}

// exposuresOfFirst reads the exposures of the first visitor that the collector stored.
func exposuresOfFirst(t *testing.T, bucket *store.S3) []event.StoredExposure {
	t.Helper()
	byVisitor, first := map[string][]event.StoredExposure{}, ""
	for entry, err := range eventfile.List(t.Context(), bucket, event.ExposuresPrefix) {
		if err != nil {
			t.Fatal(err)
		}
		rows, err := eventfile.Read[event.StoredExposure](t.Context(), bucket, entry)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			byVisitor[row.UnitHash] = append(byVisitor[row.UnitHash], row)
			if row.Seq == 1 {
				first = row.UnitHash
			}
		}
	}
	return byVisitor[first]
}
