package service_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sortition-dev/sortition/bundle/service"
)

func TestWriteProblem(t *testing.T) {
	tests := []struct {
		name          string
		status        int
		title, detail string
		want          service.Problem
	}{
		{"full", 400, "Invalid event", "events[3].event_name: must not be empty",
			service.Problem{Title: "Invalid event", Status: 400, Detail: "events[3].event_name: must not be empty"}},
		{"standard title", 404, "", "no such route",
			service.Problem{Title: "Not Found", Status: 404, Detail: "no such route"}},
		{"no detail", 503, "", "", service.Problem{Title: "Service Unavailable", Status: 503}},
		{"text that JSON must escape", 400, "", "a \"quote\"\nand a line",
			service.Problem{Title: "Bad Request", Status: 400, Detail: "a \"quote\"\nand a line"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			w.Header().Set("Retry-After", "5")
			service.WriteProblem(w, tt.status, tt.title, tt.detail)

			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			wantHeader := http.Header{
				"Content-Type":           {"application/problem+json"},
				"X-Content-Type-Options": {"nosniff"},
				"Cache-Control":          {"no-store"},
				"Retry-After":            {"5"},
			}
			for key, want := range wantHeader {
				if got := w.Header().Get(key); got != want[0] {
					t.Errorf("%s: %q, want %q", key, got, want[0])
				}
			}
			var got service.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("body %q: %v", w.Body, err)
			}
			if got != tt.want {
				t.Errorf("problem %+v, want %+v", got, tt.want)
			}
		})
	}
}
