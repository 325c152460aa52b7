package nethttp

import (
	"net/http"
	"strings"
)

// response finishes the headers when the answer begins.
type response struct {
	http.ResponseWriter
	visit *Visit
	begun bool
}

// WriteHeader finishes the headers of the answer, and not those of what comes before it.
func (w *response) WriteHeader(status int) {
	if !w.begun && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		w.begin()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if !w.begun {
		w.begin()
	}
	return w.ResponseWriter.Write(b)
}

func (w *response) begin() {
	w.begun = true
	w.visit.Finish(w.Header())
}

// Flush begins the answer.
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *response) FlushError() error {
	if !w.begun {
		w.begin()
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// private is a Cache-Control that keeps shared caches from handing one visitor's page to
// another.
func private(control string) string {
	directives := []string{"private"}
	for directive := range strings.SplitSeq(control, ",") {
		directive = strings.TrimSpace(directive)
		name, _, _ := strings.Cut(strings.ToLower(directive), "=")
		switch name {
		case "", "public", "private", "s-maxage":
		case "no-store":
			return control
		default:
			directives = append(directives, directive)
		}
	}
	return strings.Join(directives, ", ")
}
