package nethttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/exposure/exposuretest"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/visit"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func newAssigner(t *testing.T, h *host.Host) *visit.Assigner {
	t.Helper()
	sealer, err := cookie.NewSealer(shimtest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	return &visit.Assigner{
		Host: h, Sealer: sealer, Geo: visit.Geo{Country: "X-Country"}, Sticky: &cookie.Sticky{Sealer: sealer},
		Identity: &cookie.Identity{Sealer: sealer, Consent: func(r *http.Request) bool { return r.Header.Get("DNT") == "" }},
	}
}

// send sends a request through the middleware, and returns what the site saw and the answer.
func send(t *testing.T, s *visit.Assigner, path string, header http.Header, site http.HandlerFunc) (*http.Request, *http.Response) {
	t.Helper()
	var seen *http.Request
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	w := httptest.NewRecorder()
	Handler(s, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		if site != nil {
			site(w, r)
		}
	})).ServeHTTP(w, r)
	return seen, w.Result()
}

func british(cookies ...*http.Cookie) http.Header {
	h := http.Header{"X-Country": {"GB"}}
	for _, c := range cookies {
		h.Add("Cookie", c.Name+"="+c.Value)
	}
	return h
}

func TestSameVisitorSameVariant(t *testing.T) {
	s := newAssigner(t, shimtest.New(t).Open())
	seen, answer := send(t, s, "/cart", british(), nil)
	first := From(seen.Context())
	if first.Err() != nil || first.Variant("button") == "" {
		t.Fatalf("%+v, %v", first.Decision("button"), first.Err())
	}
	key := "button." + first.Variant("button")
	if got := seen.Header.Get(visit.VariantKeyHeader); got != key || first.VariantKey() != key {
		t.Errorf("the variant key is %s, want %s", got, key)
	}
	d, ok := s.Sealer.OpenDecisions(seen.Header.Get(cookie.DecisionsHeader), time.Now())
	if !ok || d.Revision != 1 || d.Variants["button"] != first.Variant("button") || len(d.Variants) != 1 {
		t.Errorf("the origin is told %+v", d)
	}
	if got := answer.Header; got.Get("Vary") != visit.VariantKeyHeader || got.Get("Surrogate-Key") != "sortition-button" || got.Get("Cache-Control") != "private" {
		t.Errorf("the answer has %v", got)
	}
	names := []string{}
	for _, c := range answer.Cookies() {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{cookie.IDName, cookie.StickyName}) {
		t.Errorf("cookies %v are set", names)
	}
	seen, answer = send(t, s, "/cart/2", british(answer.Cookies()...), nil)
	if again := From(seen.Context()).Variant("button"); again != first.Variant("button") || len(answer.Cookies()) != 0 {
		t.Errorf("the second time it is %s, with %v", again, answer.Cookies())
	}
}

// TestStickyStands: a sticky variant takes precedence over audience and id, but not over a pause
// and a new phase.
func TestStickyStands(t *testing.T) {
	shop := shimtest.New(t)
	s := newAssigner(t, shop.Open())
	seen, answer := send(t, s, "/cart", british(), nil)
	given := From(seen.Context()).Variant("button")
	var sticky *http.Cookie
	for _, c := range answer.Cookies() {
		if c.Name == cookie.StickyName {
			sticky = c
		}
	}
	decide := func(country string) host.Decision {
		h := british(sticky) // without the id: it is another each time
		h.Set("X-Country", country)
		seen, _ := send(t, s, "/cart", h, nil)
		return From(seen.Context()).Decision("button")
	}
	for range 20 {
		if d := decide("FR"); d.Variant() != given || d.Reason() != abi.ReasonSticky {
			t.Fatalf("beyond the audience it is %+v", d)
		}
		if d := decide("GB"); d.Variant() != given {
			t.Fatalf("with another id it is %+v", d)
		}
	}
	button := `key: button
status: %s
sticky: true
audience: country != "FR"
variants: [{key: control, weight: %s}, {key: green, weight: %s}]
routes: [/cart]
`
	shop.Publish("experiments/button.yaml", fmt.Sprintf(button, "paused", "50%", "50%"))
	s.Host.Refresh(context.Background())
	if d := decide("GB"); d.Reason() != abi.ReasonKillSwitch {
		t.Errorf("paused it is %+v", d)
	}
	shop.Publish("experiments/button.yaml", fmt.Sprintf(button, "running", "60%", "40%"))
	s.Host.Refresh(context.Background())
	if d := decide("FR"); d.Reason() != abi.ReasonAudience || d.Phase() != 2 {
		t.Errorf("in the next phase it is %+v", d)
	}
}

func TestRoutesAndFlags(t *testing.T) {
	s := newAssigner(t, shimtest.New(t).Open())
	phone := british()
	phone.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1")
	seen, answer := send(t, s, "/", phone, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Surrogate-Key", "home") })
	if key := From(seen.Context()).VariantKey(); !strings.HasPrefix(key, "banner.on~hero.") {
		t.Errorf("the key is %s", key)
	}
	if tags := answer.Header.Values("Surrogate-Key"); !slices.Equal(tags, []string{"home sortition-banner sortition-hero"}) {
		t.Errorf("the tags are %v", tags)
	}
	seen, answer = send(t, s, "/about", british(&http.Cookie{Name: cookie.OptOutName, Value: "1"}), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
	})
	if key := seen.Header.Get(visit.VariantKeyHeader); key != "-" || answer.Header.Get("Cache-Control") != "public, max-age=60" || answer.Header.Get("Vary") != "" {
		t.Errorf("a page that nothing touches: %s, %v", key, answer.Header)
	}
}

func TestVisitorsCannotTellTheOrigin(t *testing.T) {
	s := newAssigner(t, shimtest.New(t).Open())
	s.Sealer = nil
	h := british()
	h.Set(visit.VariantKeyHeader, "button.green")
	h.Set(cookie.DecisionsHeader, "x")
	h.Set("DNT", "1")
	seen, _ := send(t, s, "/cart", h, nil)
	if key, told := seen.Header.Get(visit.VariantKeyHeader), seen.Header.Get(cookie.DecisionsHeader); key != "-" || told != "" {
		t.Errorf("the origin is told %q and %q", key, told)
	}
	if h.Get(visit.VariantKeyHeader) != "button.green" {
		t.Error("the visitor's headers were changed")
	}
}

func TestNothingFailsARequest(t *testing.T) {
	shop := shimtest.New(t)
	for name, test := range map[string]struct {
		prepare func(*visit.Assigner)
		err     error
	}{
		"without a bundle": {func(s *visit.Assigner) { _ = s.Host.Close(context.Background()) }, host.ErrClosed},
		"an id too long": {func(s *visit.Assigner) {
			s.Units = func(*http.Request) map[string]string { return map[string]string{"user": strings.Repeat("x", 2_000)} }
		}, host.ErrRequest},
	} {
		s := newAssigner(t, shop.Open())
		test.prepare(s)
		seen, answer := send(t, s, "/cart", british(), func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "page") })
		body, _ := io.ReadAll(answer.Body)
		v := From(seen.Context())
		if !errors.Is(v.Err(), test.err) || v.Variant("button") != "" || v.VariantKey() != "-" || string(body) != "page" {
			t.Errorf("%s: %v, %q, %q", name, v.Err(), v.Variant("button"), body)
		}
	}
	v := From(context.Background())
	if v.Expose("button"); v.Variant("button") != "" || v.VariantKey() != "-" {
		t.Error("something is decided without an assigner")
	}
}

func TestExposedIsWhatWasShown(t *testing.T) {
	batches := make(chan event.ExposureBatch, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _, err := exposuretest.Read(r)
		if err != nil {
			t.Error(err)
		}
		batches <- b
		w.WriteHeader(http.StatusAccepted)
	}))
	defer collector.Close()
	queue, err := exposure.New(exposure.Config{Endpoint: collector.URL, APIKey: "k", Source: "test"})
	if err != nil {
		t.Fatal(err)
	}
	s := newAssigner(t, shimtest.New(t).Open())
	s.Exposures = queue
	s.Units = func(*http.Request) map[string]string { return map[string]string{"user": "user-1"} }
	seen, _ := send(t, s, "/cart", british(), func(_ http.ResponseWriter, r *http.Request) {
		for _, key := range []string{"button", "button", "banner", "unknown"} {
			From(r.Context()).Expose(key)
		}
	})
	if err := queue.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	b := <-batches
	if len(b.Exposures) != 1 || b.Exposures[0].Experiment != "button" || b.Exposures[0].UnitID != "user-1" ||
		b.Exposures[0].Variant != From(seen.Context()).Variant("button") || b.Exposures[0].Revision != 1 {
		t.Errorf("exposed are %+v", b.Exposures)
	}
}

// TestStreams sends a response in parts over a real connection.
func TestStreams(t *testing.T) {
	s := newAssigner(t, shimtest.New(t).Open())
	server := httptest.NewTLSServer(Handler(s, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, "rest")
	})))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Get(server.URL + "/cart")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	cookies := answer.Cookies()
	if len(cookies) == 0 || !cookies[0].Secure {
		t.Errorf("cookies %v", cookies)
	}
	if n := len(answer.Header.Values("Vary")); n != 1 {
		t.Errorf("Vary is there %d times", n)
	}
}

func BenchmarkHandler(b *testing.B) {
	sealer, err := cookie.NewSealer(shimtest.Secret)
	if err != nil {
		b.Fatal(err)
	}
	s := &visit.Assigner{Host: shimtest.New(b).Open(), Sealer: sealer, Identity: &cookie.Identity{Sealer: sealer, Consent: func(*http.Request) bool { return true }}}
	handler := Handler(s, http.NotFoundHandler())
	r := httptest.NewRequest(http.MethodGet, "/cart", nil)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	r.AddCookie(w.Result().Cookies()[0])
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36")
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
}
