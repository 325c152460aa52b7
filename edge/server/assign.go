package server

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// scratch is the memory of one assign request. The server reuses it.
type scratch struct {
	body      bytes.Buffer
	request   host.Request
	decisions host.Decisions
	answer    []byte
}

// assign answers POST /api/v1/assign.
func (s *Server) assign(w http.ResponseWriter, r *http.Request) {
	mem := s.scratch.Get().(*scratch)
	defer s.scratch.Put(mem)

	in, err := readAssign(w, r, &mem.body)
	if err != nil {
		s.refuse(w, err)
		return
	}
	now := s.now()
	mem.request.Reset().Now(now)
	if err := in.fill(&mem.request); err != nil {
		s.refuse(w, err)
		return
	}

	decisions := &mem.decisions
	if in.Experiments == nil {
		err = s.host.DecideAll(&mem.request, decisions)
	} else {
		err = s.host.DecideKeys(&mem.request, in.Experiments, decisions)
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.active().decisions.Add(uint64(decisions.Len()))
	for d := range decisions.All() {
		s.metrics.decided(d)
		s.expose(d, &in, now)
	}

	mem.answer = appendAnswer(mem.answer[:0], decisions, in.Experiments, in.Reasons)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(mem.answer)))
	_, _ = w.Write(mem.answer) // fails only if the client has disconnected
}

// expose queues an exposure if an experiment assigned a variant. Flags have no exposures.
func (s *Server) expose(d host.Decision, in *assignRequest, now time.Time) {
	if s.exposures == nil || d.Kind() != model.KindExperiment || !d.Assigned() {
		return
	}
	unit := d.Unit()
	id := in.Units[unit]
	if unit == userUnit && in.UserID != nil {
		id = *in.UserID
	}
	s.exposures.Add(event.Exposure{
		Time:       model.MillisOf(now),
		Experiment: d.Experiment(),
		Variant:    d.Variant(),
		Phase:      d.Phase(),
		Unit:       unit,
		UnitID:     id,
		Revision:   d.Revision(),
		Override:   d.Reason() == abi.ReasonOverride,
	})
}

// refuse answers a request with a problem document for err.
func (s *Server) refuse(w http.ResponseWriter, err error) {
	var bad *badRequest
	switch {
	case errors.As(err, &bad):
		service.WriteProblem(w, bad.status, "Invalid request", bad.detail)
	case errors.Is(err, host.ErrRequest):
		service.WriteProblem(w, http.StatusBadRequest, "Invalid request", err.Error())
	case errors.Is(err, host.ErrNotReady):
		notReady(w)
	default:
		s.logger.Error("cannot decide a request", "error", err)
		w.Header().Set("Retry-After", retryAfter)
		service.WriteProblem(w, http.StatusServiceUnavailable, "Not decided", "the request could not be decided; use the default")
	}
}

func notReady(w http.ResponseWriter) {
	w.Header().Set("Retry-After", retryAfter)
	service.WriteProblem(w, http.StatusServiceUnavailable, "Not ready", "no bundle is active yet; use the default. See /readyz?verbose for the reason")
}
