package attack_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
)

// patience is how long a look at a bad network may take in these tests, which is long
// for what it fetches. Hosts have more.
const patience = 2 * time.Second

// downable is a source that can be down.
type downable struct {
	bundle.Source
	down bool
}

var errDown = errors.New("connection refused")

// Get implements bundle.Source.
func (d *downable) Get(ctx context.Context, name, etag string, limit int64) (bundle.Object, error) {
	if d.down {
		return bundle.Object{}, errDown
	}
	return d.Source.Get(ctx, name, etag, limit)
}

const (
	// endless is where a body that does not end is cut off after all, in bytes: so late
	// that a host that reads so much shows, and so soon that it does not take the machine
	// down.
	endless = 256 << 20

	// inTransit is more than what sockets and buffers on the way hold: bytes that are sent,
	// but not read.
	inTransit = 64 << 20
)

// site is a bucket behind a web server.
type site struct {
	objects atomic.Pointer[objects]
	// endless are the beginnings of names whose objects do not end.
	endless atomic.Pointer[string]
	sent    atomic.Int64 // bytes of endless objects
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	data, ok := (*s.objects.Load())[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if prefix := s.endless.Load(); prefix != nil && strings.HasPrefix(name, *prefix) {
		for junk := make([]byte, 32<<10); s.sent.Load() < endless; {
			n, err := w.Write(junk)
			if s.sent.Add(int64(n)); err != nil {
				return
			}
		}
		panic(http.ErrAbortHandler)
	}
	// A host that went away has seen enough.
	_, _ = w.Write(data)
}

// network is a site, and a host of a world that follows it through a proxy.
type network struct {
	*site
	*follower
	proxy *toxiproxy.Proxy
}

// connect starts a site with the objects of a world, and a host that has them.
func connect(t *testing.T, w *world) *network {
	t.Helper()
	n := &network{site: new(site)}
	n.show(w.before)
	server := httptest.NewServer(n.site)
	t.Cleanup(server.Close)
	n.proxy = toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()),
		"bucket", "127.0.0.1:0", strings.TrimPrefix(server.URL, "http://"))
	if err := n.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.proxy.Stop)
	source, err := reload.NewHTTPSource("http://"+n.proxy.Listen, nil)
	if err != nil {
		t.Fatal(err)
	}
	n.follower = follow(t, source, w.root)
	t.Cleanup(func() { n.stop() })
	n.serves(atHand)
	return n
}

func (n *network) show(all objects) { n.objects.Store(&all) }

// goesOn checks that the host decides, by one revision or the next, while it looks.
func (n *network) goesOn() {
	n.t.Helper()
	d, err := n.Decide(fill(&n.request, visitor(0)), button)
	if err != nil {
		n.t.Fatal(err)
	}
	if want := decide(programOf(d.Revision()), 0, visitor(0)); d.Variant() != want.Key || d.Config() != want.Config {
		n.t.Fatalf("decision %+v, want %+v", d, want)
	}
}

// poison makes the network bad, and returns what makes it good again.
func (n *network) poison(toxic string) (cure func()) {
	n.t.Helper()
	wrapper, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(toxic))
	if err != nil {
		n.t.Fatal(err)
	}
	return func() {
		if err := n.proxy.Toxics.RemoveToxic(context.Background(), wrapper.Name); err != nil {
			n.t.Error(err)
		}
	}
}

// TestBadNetworks has a real host follow a web server through toxiproxy. While the
// network is bad the host decides by what it has, at once; a look at the bucket ends when
// its time is up, however much is still to come; and when the network is good again the
// host catches up.
func TestBadNetworks(t *testing.T) {
	w := oneKey(t)
	for name, toxic := range map[string]string{
		"a slow body":          `{"type": "bandwidth", "attributes": {"rate": 0}}`,
		"a body byte by byte":  `{"type": "slicer", "attributes": {"average_size": 1, "size_variation": 0, "delay": 20000}}`,
		"an answer too late":   `{"type": "latency", "attributes": {"latency": 60000}}`,
		"no answer":            `{"type": "timeout", "attributes": {"timeout": 0}}`,
		"a connection reset":   `{"type": "reset_peer", "attributes": {"timeout": 0}}`,
		"a body that is cut":   `{"type": "limit_data", "attributes": {"bytes": 700}}`,
		"a request cut short":  `{"type": "limit_data", "stream": "upstream", "attributes": {"bytes": 20}}`,
		"a close that is slow": `{"type": "slow_close", "attributes": {"delay": 60000}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := connect(t, w)
			cure := n.poison(toxic)
			n.show(w.history[coming])
			looking := make(chan struct{})
			go func() {
				defer close(looking)
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				defer cancel()
				n.Refresh(ctx)
			}()
			for done := false; !done; {
				n.goesOn()
				select {
				case <-looking:
					done = true
				case <-time.After(20 * time.Millisecond):
				}
			}
			n.rejected("")
			cure()
			n.proxy.Stop() // drops the connections that are still poisoned
			if err := n.proxy.Start(); err != nil {
				t.Fatal(err)
			}
			n.look()
			n.serves(coming)
		})
	}
}

// TestEndlessBodies answers with bodies that do not end. A host reads what was signed and
// a little, and refuses.
func TestEndlessBodies(t *testing.T) {
	w := oneKey(t)
	for prefix, reason := range map[string]reload.Reason{
		bundle.LatestName: reload.ReasonTooLarge, "root/2": reload.ReasonRoot, "b/": reload.ReasonPayload, "m/1/6": reload.ReasonTooLarge,
	} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			n := connect(t, w)
			n.endless.Store(&prefix)
			all := w.history[coming]
			if strings.HasPrefix(bundle.ManifestName(1, coming), prefix) {
				all = all.over(objects{bundle.LatestName: w.envelopeOf(atHand)})
			}
			n.show(all.over(objects{bundle.RootName(2): []byte("endless")}))
			if prefix != "root/2" {
				n.show(all)
			}
			n.Refresh(context.Background())
			if prefix == bundle.LatestName || prefix == "root/2" {
				n.serves(coming) // found by walking
			} else {
				n.serves(atHand)
			}
			n.rejected(reason)
			if sent := n.sent.Load(); sent == 0 || sent > inTransit {
				t.Errorf("%d bytes were sent", sent)
			}
		})
	}
}
