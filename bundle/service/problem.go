package service

import (
	"encoding/json"
	"net/http"
)

// ProblemType is the media type of a problem document.
const ProblemType = "application/problem+json"

// Problem is a problem document. Its type is always "about:blank", which RFC 9457 lets
// a document leave out.
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// WriteProblem answers a request with a problem document. status is a 4xx or 5xx code; title is
// a short phrase that is the same for every occurrence, by default the code's standard
// phrase; detail says what is wrong this time and what to do, and names the field. No
// cache keeps the answer. Headers that belong to the answer, such as Retry-After, are set
// on w before the call.
func WriteProblem(w http.ResponseWriter, status int, title, detail string) {
	if title == "" {
		title = http.StatusText(status)
	}
	h := w.Header()
	h.Set("Content-Type", ProblemType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// This fails only if the client has disconnected.
	_ = json.NewEncoder(w).Encode(Problem{Title: title, Status: status, Detail: detail})
}
