package collector

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/collector/sink"
	"github.com/sortition-dev/sortition/edge/collector/spool"
)

// retryAfter is the Retry-After header when the spool is full. By then a segment may have been
// written to the sink.
const retryAfter = 5 * time.Second

func (c *Collector) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(c.metrics.count, middleware.GetHead)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		service.WriteProblem(w, http.StatusNotFound, "", "no such path: "+r.URL.Path+"; send events to /api/v1/track, /api/v1/track/batch or /api/v1/exposures")
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		allow := "GET, HEAD"
		if chi.RouteContext(r.Context()).Routes.Match(chi.NewRouteContext(), http.MethodPost, r.URL.Path) {
			allow = http.MethodPost
		}
		w.Header().Set("Allow", allow)
		service.WriteProblem(w, http.StatusMethodNotAllowed, "", r.URL.Path+" allows "+allow+", not "+r.Method)
	})
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{"status":"ok"}`) })
	r.Get("/readyz", c.ready)
	r.Method(http.MethodGet, "/metrics", c.metrics.handler())
	r.Route("/api/v1", func(r chi.Router) {
		r.Use(c.keys.Require)
		r.Post("/track", c.accept((*decoder).decodeTrack, jsonFormat))
		r.Post("/track/batch", c.accept((*decoder).decodeTrackBatch, jsonFormat))
		r.Post("/exposures", c.accept((*decoder).decodeExposures, jsonFormat, msgpackFormat))
		r.Post("/hosts", c.report)
	})
	return r
}

func (c *Collector) ready(w http.ResponseWriter, _ *http.Request) {
	if u := c.spool.Usage(); u.Bytes+event.MaxBatchBytes > u.Budget {
		service.WriteProblem(w, http.StatusServiceUnavailable, "Not ready",
			fmt.Sprintf("the spool has %d of %d bytes: events arrive faster than they can be stored", u.Bytes, u.Budget))
		return
	}
	answer(w, http.StatusOK, `{"status":"ready"}`)
}

// accept returns a handler that appends the decoded body of a request to the spool.
func (c *Collector) accept(how decode, formats ...format) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, ok := c.receive(w, r, formats...)
		if !ok {
			return
		}
		defer c.release(&b)
		events, commit, err := c.spoolBody(&b, how)
		if err == nil {
			began := time.Now()
			err = commit.Wait()
			c.metrics.appendSeconds.Observe(time.Since(began).Seconds())
		}
		if err != nil {
			c.refuse(w, err)
			return
		}
		c.metrics.accepted(events)
		answer(w, http.StatusAccepted, `{"accepted":`+strconv.Itoa(events.Exposures+events.Outcomes)+`}`)
	}
}

// spoolBody decodes a body and adds its events to the spool, which does not wait for the disk. An
// error about the body is an *invalidBody.
func (c *Collector) spoolBody(b *body, how decode) (events sink.Count, commit spool.Commit, err error) {
	d := <-c.decoders
	defer func() { c.decoders <- d }()
	blob, err := d.run(b, how, c.config.Now())
	if err != nil {
		return events, commit, err
	}
	c.shrink(b, len(blob))
	commit, err = c.spool.Add(blob)
	return d.batch.Count(), commit, err
}

// refuse answers why events were not accepted.
func (c *Collector) refuse(w http.ResponseWriter, err error) {
	if invalid, ok := errors.AsType[*invalidBody](err); ok {
		title := ""
		if invalid.status == http.StatusBadRequest {
			title = "Invalid events"
		}
		service.WriteProblem(w, invalid.status, title, invalid.Error())
		return
	}
	detail := "the collector cannot write to its disk; send the same events again later"
	switch {
	case errors.Is(err, spool.ErrFull):
		detail = "the spool is full; send the same events again later"
	case errors.Is(err, spool.ErrClosed):
		detail = "the collector is shutting down; send the same events again"
	default:
		c.config.Logger.Error("cannot write to the spool; check the disk", "dir", c.config.Dir, "error", err)
	}
	unavailable(w, detail)
}

// unavailable answers that the same request may succeed later.
func unavailable(w http.ResponseWriter, detail string) {
	w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	service.WriteProblem(w, http.StatusServiceUnavailable, "", detail)
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body+"\n") // fails only if the client has disconnected
}
