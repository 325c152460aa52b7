package nethttp

import (
	"net/http"

	"github.com/sortition-dev/sortition/edge/visit"
)

// response adds the visit's headers when the handler begins to respond.
type response struct {
	http.ResponseWriter
	visit *visit.Visit
	begun bool
}

// WriteHeader adds the headers to the final response, not to informational ones.
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

// Flush implements [http.Flusher].
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is for [http.ResponseController].
func (w *response) FlushError() error {
	if !w.begun {
		w.begin()
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
