// Package nethttp assigns visitors in front of a net/http handler: a site, or a reverse proxy
// to one.
//
//	a := &visit.Assigner{Host: h, Identity: &cookie.Identity{Sealer: sealer, Consent: consented}}
//	http.ListenAndServe(addr, nethttp.Handler(a, site))
//
// and in the site
//
//	v := nethttp.From(r.Context())
//	if v.Variant("checkout_button") == "green" {
//		v.Expose("checkout_button") // it is shown now: only that counts
//	}
//
// What a visitor is given, and what caches are told, is said in package [visit].
package nethttp

import (
	"context"
	"net/http"

	"github.com/sortition-dev/sortition/edge/visit"
)

type contextKey struct{}

// From returns the visit of a request that came through a Handler. Of any other it is a visit
// for which nothing is decided.
func From(ctx context.Context) *visit.Visit {
	if v, ok := ctx.Value(contextKey{}).(*visit.Visit); ok {
		return v
	}
	return &visit.Visit{}
}

// Handler assigns visitors with a, and then lets next answer.
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
