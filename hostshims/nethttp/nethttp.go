// Package nethttp is middleware that assigns variants to the visitors of a net/http handler: a
// site, or a reverse proxy to one.
//
//	a := &visit.Assigner{Host: h, Identity: &cookie.Identity{Sealer: sealer, Consent: consented}}
//	http.ListenAndServe(addr, nethttp.Handler(a, site))
//
// and in the site
//
//	v := nethttp.From(r.Context())
//	if v.Variant("checkout_button") == "green" {
//		v.Expose("checkout_button") // the visitor is about to see it
//	}
//
// See package [visit] for cookies and for the headers that the origin and caches get.
package nethttp

import (
	"context"
	"net/http"

	"github.com/sortition-dev/sortition/edge/visit"
)

type contextKey struct{}

// From returns the visit of a request that Handler passed on. For any other context it returns a
// visit without decisions.
func From(ctx context.Context) *visit.Visit {
	if v, ok := ctx.Value(contextKey{}).(*visit.Visit); ok {
		return v
	}
	return &visit.Visit{}
}

// Handler returns a handler that assigns the visitor with a and then calls next.
func Handler(a *visit.Assigner, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := a.Assign(r)
		r = r.WithContext(context.WithValue(r.Context(), contextKey{}, v))
		r.Header = r.Header.Clone()
		v.Tell(r.Header)
		answer := &response{ResponseWriter: w, visit: v}
		next.ServeHTTP(answer, r)
		if !answer.begun {
			answer.begin() // an empty answer
		}
	})
}
