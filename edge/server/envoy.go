package server

import (
	"net/http"

	"github.com/sortition-dev/sortition/edge/visit"
)

// ExtAuthz returns a handler for Envoy's filter ext_authz, as an http_service with the path_prefix
// prefix. Envoy sends it the method, path and headers of each request before it forwards the
// request. The answer is always 200. Its headers are those of package visit: list the headers for
// the origin in allowed_upstream_headers, and the others in allowed_client_headers_on_success. The
// handler does not record exposures; the program that renders the page does. The file
// examples/envoy/ext_authz.yaml has a complete configuration.
func ExtAuthz(a *visit.Assigner, prefix string) http.Handler {
	return http.StripPrefix(prefix, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := a.Assign(r)
		v.Tell(w.Header())
		v.Finish(w.Header())
	}))
}
