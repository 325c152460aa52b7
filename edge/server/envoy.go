package server

import (
	"net/http"

	"github.com/sortition-dev/sortition/edge/visit"
)

// ExtAuthz answers the filter ext_authz of Envoy, as an http_service whose path_prefix is
// prefix. Envoy asks for each request, by its method, path and headers, before it sends it on.
// The answer is always 200, and its headers are what package visit tells a site and its caches:
// those to the origin go into allowed_upstream_headers, the others into
// allowed_client_headers_on_success. Whoever renders the page records the exposures. The file
// examples/envoy/ext_authz.yaml has the filters that belong to it.
func ExtAuthz(a *visit.Assigner, prefix string) http.Handler {
	return http.StripPrefix(prefix, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := a.Assign(r)
		v.Tell(w.Header())
		v.Finish(w.Header())
	}))
}
