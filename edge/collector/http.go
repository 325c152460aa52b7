package collector

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

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
		r.Post("/track", c.accept(c.decodeTrack))
		r.Post("/track/batch", c.accept(c.decodeTrackBatch))
		r.Post("/exposures", c.accept(c.decodeExposures))
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

// accept returns a handler that appends the decoded body of a request to the spool. An error of
// decode is sent to the client.
func (c *Collector) accept(decode func(body []byte, now time.Time) (*sink.Batch, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, ok := readBody(w, r)
		if !ok {
			return
		}
		b, err := decode(body, c.config.Now())
		if err != nil {
			service.WriteProblem(w, http.StatusBadRequest, "Invalid events", err.Error())
			return
		}
		began := time.Now()
		err = c.spool.Append(b.Encode())
		c.metrics.appendSeconds.Observe(time.Since(began).Seconds())
		switch {
		case err == nil:
			c.metrics.accepted(b)
			answer(w, http.StatusAccepted, fmt.Sprintf(`{"accepted":%d}`, b.Len()))
			return
		case errors.Is(err, spool.ErrFull):
			err = errors.New("the spool is full; send the same events again later")
		case errors.Is(err, spool.ErrClosed):
			err = errors.New("the collector is shutting down; send the same events again")
		default:
			c.config.Logger.Error("cannot write to the spool; check the disk", "dir", c.config.Dir, "error", err)
			err = errors.New("the collector cannot write to its disk; send the same events again later")
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
		service.WriteProblem(w, http.StatusServiceUnavailable, "", err.Error())
	}
}

// readBody returns the body of a request. If it returns false, it has answered the request with an
// error.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		service.WriteProblem(w, http.StatusUnsupportedMediaType, "", "Content-Encoding "+coding+": send the body as JSON without compression")
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, event.MaxBatchBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		service.WriteProblem(w, http.StatusRequestEntityTooLarge, "", fmt.Sprintf("the body is larger than %d bytes; send several smaller batches", tooLarge.Limit))
		return nil, false
	case err != nil:
		service.WriteProblem(w, http.StatusBadRequest, "", "the body could not be read completely")
		return nil, false
	case !utf8.Valid(body):
		service.WriteProblem(w, http.StatusBadRequest, "Invalid events", "the body is not valid UTF-8")
		return nil, false
	}
	return body, true
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body+"\n") // fails only if the client has disconnected
}
