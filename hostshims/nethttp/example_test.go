package nethttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/sortition-dev/sortition/edge/visit"
	"github.com/sortition-dev/sortition/hostshims/nethttp"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// A site asks for the variants of the visitor whose request it answers.
func Example() {
	shop, done := shimtest.Example() // publishes a shop
	defer done()

	assigner := &visit.Assigner{
		Host: shop.Open(),
		// The site knows who is signed in. Other visitors can be known by a cookie: see
		// visit.Assigner.Identity.
		Units: func(r *http.Request) map[string]string {
			return map[string]string{"user": r.Header.Get("X-Account")}
		},
	}
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := nethttp.From(r.Context())
		if v.Variant("button") == "green" {
			v.Expose("button") // the visitor is about to see it
			fmt.Fprint(w, "a green button")
			return
		}
		fmt.Fprint(w, "a button")
	})
	handler := nethttp.Handler(assigner, site) // http.ListenAndServe(address, handler)

	for _, account := range []string{"u-1", "u-3", ""} {
		r := httptest.NewRequest(http.MethodGet, "/cart", nil)
		r.Header.Set("X-Account", account)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%q gets %s; %s\n", account, w.Body, w.Header().Get("Cache-Control"))
	}
	// Output:
	// "u-1" gets a green button; private
	// "u-3" gets a button; private
	// "" gets a button; private
}
