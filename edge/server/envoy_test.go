package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/server"
	"github.com/sortition-dev/sortition/edge/visit"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// TestExtAuthz sends requests as Envoy does: with the visitor's path below a prefix.
func TestExtAuthz(t *testing.T) {
	sealer, err := cookie.NewSealer(shimtest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	s := &visit.Assigner{
		Host: shimtest.New(t).Open(), Sealer: sealer, Sticky: &cookie.Sticky{Sealer: sealer},
		Identity: &cookie.Identity{Sealer: sealer, Consent: func(*http.Request) bool { return true }},
	}
	ask := func(path string, header http.Header) *http.Response {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header = header
		w := httptest.NewRecorder()
		server.ExtAuthz(s, "/envoy/ext_authz").ServeHTTP(w, r)
		return w.Result()
	}
	first := ask("/envoy/ext_authz/cart?step=1", http.Header{})
	d, ok := s.Sealer.OpenDecisions(first.Header.Get(cookie.DecisionsHeader), time.Now())
	if first.StatusCode != http.StatusOK || !ok || d.Variants["button"] == "" {
		t.Fatalf("%s tells the origin %+v", first.Status, d)
	}
	key := "button." + d.Variants["button"]
	if got := first.Header; got.Get(visit.VariantKeyHeader) != key || got.Get("Cache-Control") != "private" || len(first.Cookies()) != 2 {
		t.Errorf("the answer has %v, want the key %s", got, key)
	}
	again := ask("/envoy/ext_authz/cart", cookies(first))
	if got := again.Header.Get(visit.VariantKeyHeader); got != key || len(again.Cookies()) != 0 {
		t.Errorf("the second time the key is %s, and was %s; cookies %v", got, key, again.Cookies())
	}
	if about := ask("/envoy/ext_authz/about", cookies(first)); about.Header.Get(visit.VariantKeyHeader) != "-" || about.Header.Get("Cache-Control") != "" {
		t.Errorf("a page that nothing touches: %v", about.Header)
	}
	if other := ask("/cart", http.Header{}); other.StatusCode != http.StatusNotFound {
		t.Errorf("without the prefix it is %s", other.Status)
	}
}

func cookies(answer *http.Response) http.Header {
	h := http.Header{}
	for _, c := range answer.Cookies() {
		h.Add("Cookie", c.Name+"="+c.Value)
	}
	return h
}
