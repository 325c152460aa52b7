package server

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/reload"
)

// healthz answers 200 while the process runs.
func healthz(w http.ResponseWriter, _ *http.Request) { answerText(w, "ok\n") }

// readyz answers 200 if a bundle is active, and 503 otherwise. With ?verbose it has the same status
// code and a body with details.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	status := s.host.Status()
	active := s.host.Snapshot()
	switch {
	case r.URL.Query().Has("verbose"):
		code := http.StatusOK
		if !active.Ready {
			code = http.StatusServiceUnavailable
		}
		answerStatus(w, code, &status, active.Engine)
	case active.Ready:
		answerText(w, "ready\n")
	default:
		detail := "no bundle is active yet"
		if status.LastError != "" {
			detail += ": " + status.LastError
		}
		w.Header().Set("Retry-After", retryAfter)
		service.WriteProblem(w, http.StatusServiceUnavailable, "Not ready", detail)
	}
}

func answerText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte(text)) // fails only if the client has disconnected
}

// verboseStatus is a [reload.Status] in the format of /readyz?verbose. Zero times are left out.
type verboseStatus struct {
	Ready       bool                     `json:"ready"`
	Environment string                   `json:"environment"`
	Application string                   `json:"application,omitempty"`
	Epoch       uint64                   `json:"epoch"`
	Revision    uint64                   `json:"revision"`
	Origin      reload.Origin            `json:"origin,omitempty"`
	Stale       bool                     `json:"stale"`
	Canary      bool                     `json:"canary"`
	Engine      host.Engine              `json:"engine,omitempty"`
	Created     time.Time                `json:"created,omitzero"`
	Expires     time.Time                `json:"expires,omitzero"`
	Activated   time.Time                `json:"activated,omitzero"`
	RootVersion uint64                   `json:"root_version"`
	RootExpires time.Time                `json:"root_expires"`
	CoreBehind  bool                     `json:"core_behind"`
	Quarantined int                      `json:"quarantined"`
	Polls       uint64                   `json:"polls"`
	Failures    uint64                   `json:"failures"`
	LastAnswer  time.Time                `json:"last_answer,omitzero"`
	LastError   string                   `json:"last_error,omitempty"`
	LastReason  reload.Reason            `json:"last_reason,omitempty"`
	Advice      string                   `json:"advice,omitempty"`
	ErrorTime   time.Time                `json:"last_error_time,omitzero"`
	Rejected    map[reload.Reason]uint64 `json:"rejected"`
}

func answerStatus(w http.ResponseWriter, code int, s *reload.Status, e host.Engine) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(verboseStatus{
		Ready: s.Ready, Environment: s.Environment, Application: s.Application, Epoch: s.Epoch, Revision: s.Revision, Origin: s.Origin,
		Stale: s.Stale, Canary: s.Canary, Engine: e, Created: s.Created, Expires: s.Expires, Activated: s.Activated,
		RootVersion: s.RootVersion, RootExpires: s.RootExpires, CoreBehind: s.CoreBehind, Quarantined: s.Quarantined,
		Polls: s.Polls, Failures: s.Failures, LastAnswer: s.LastAnswer,
		LastError: s.LastError, LastReason: s.LastReason, Advice: s.LastReason.Advice(), ErrorTime: s.LastErrorTime, Rejected: s.Rejected,
	})
}
