package nethttp

import (
	"net/http"

	"github.com/sortition-dev/sortition/edge/visit"
)

// response finishes the headers when the answer begins.
type response struct {
	http.ResponseWriter
	visit *visit.Visit
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
