package server

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// scratch is the memory of one assign request. The server reuses it.
type scratch struct {
	body       []byte
	json       *service.JSONReader
	in         assignRequest
	attributes int      // in the context
	items      []string // of a list in the context
	request    host.Request
	decisions  host.Decisions
	answer     []byte
}

func newScratch() any { return &scratch{json: service.NewJSONReader()} }

// Headers of answers. The slices are shared, and never written to.
var (
	contentJSON = []string{"application/json"}
	noStore     = []string{"no-store"}
	noSniff     = []string{"nosniff"}
)

// smallAnswer is the number of bytes up to which net/http counts the length of an answer itself.
const smallAnswer = 2048

// assign answers POST /api/v1/assign, and returns the status of the answer.
func (s *Server) assign(w http.ResponseWriter, r *http.Request) (status int) {
	mem := s.scratch.Get().(*scratch)
	defer s.scratch.Put(mem)

	now := s.now()
	mem.request.Reset().Now(now)
	if err := mem.read(w, r); err != nil {
		return s.refuse(w, err)
	}
	if err := s.decide(mem); err != nil {
		return s.refuse(w, err)
	}
	decisions := &mem.decisions
	s.active().decisions.Add(uint64(decisions.Len()))
	for d := range decisions.All() {
		s.metrics.decided(d)
		s.expose(d, &mem.in, now)
	}

	mem.answer = appendAnswer(mem.answer[:0], decisions, mem.in.experiments, mem.in.reasons)
	h := w.Header()
	h["Content-Type"], h["Cache-Control"], h["X-Content-Type-Options"] = contentJSON, noStore, noSniff
	if len(mem.answer) > smallAnswer {
		h.Set("Content-Length", strconv.Itoa(len(mem.answer)))
	}
	_, _ = w.Write(mem.answer) // fails only if the client has disconnected
	return http.StatusOK
}

func (s *Server) decide(mem *scratch) error {
	if mem.in.selected {
		return s.host.DecideKeys(&mem.request, mem.in.experiments, &mem.decisions)
	}
	return s.host.DecideAll(&mem.request, &mem.decisions)
}

// expose queues an exposure if an experiment assigned a variant. Flags have no exposures.
func (s *Server) expose(d host.Decision, in *assignRequest, now time.Time) {
	if s.exposures == nil || d.Kind() != model.KindExperiment || !d.Assigned() {
		return
	}
	s.exposures.Add(event.Exposure{
		Time:       model.MillisOf(now),
		Experiment: d.Experiment(),
		Variant:    d.Variant(),
		Phase:      d.Phase(),
		Unit:       d.Unit(),
		UnitID:     strings.Clone(in.id(d.Unit())), // a part of the body, which the queue must not keep
		Revision:   d.Revision(),
		Override:   d.Reason() == abi.ReasonOverride,
	})
}

// refuse answers a request with a problem document for err, and returns its status.
func (s *Server) refuse(w http.ResponseWriter, err error) (status int) {
	var bad *badRequest
	switch {
	case errors.As(err, &bad):
		service.WriteProblem(w, bad.status, "Invalid request", bad.detail)
		return bad.status
	case errors.Is(err, host.ErrRequest):
		service.WriteProblem(w, http.StatusBadRequest, "Invalid request", err.Error())
		return http.StatusBadRequest
	case errors.Is(err, host.ErrNotReady):
		notReady(w)
	default:
		s.logger.Error("cannot decide a request", "error", err)
		w.Header().Set("Retry-After", retryAfter)
		service.WriteProblem(w, http.StatusServiceUnavailable, "Not decided", "the request could not be decided; use the default")
	}
	return http.StatusServiceUnavailable
}

func notReady(w http.ResponseWriter) {
	w.Header().Set("Retry-After", retryAfter)
	service.WriteProblem(w, http.StatusServiceUnavailable, "Not ready", "no bundle is active yet; use the default. See /readyz?verbose for the reason")
}
