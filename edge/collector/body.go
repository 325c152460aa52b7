package collector

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/service"
)

// format is the format of a request's body.
type format uint8

const (
	jsonFormat format = iota
	msgpackFormat
)

func (f format) String() string { return [...]string{"application/json", "application/msgpack"}[f] }

// formatOf returns the format that a Content-Type names. Without one the body is JSON. So it is
// with the types that curl and fetch send if they are told none.
func formatOf(contentType string) (format, bool) {
	if contentType == "" {
		return jsonFormat, true
	}
	name, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return 0, false
	}
	switch name {
	case "application/json", "application/x-www-form-urlencoded", "text/plain":
		return jsonFormat, true
	case "application/msgpack":
		return msgpackFormat, true
	}
	return 0, false
}

// body is the body of a request as it was received.
type body struct {
	bytes    []byte
	format   format
	coding   coding
	reserved int64 // bytes of the memory of all bodies
}

// receive reads the body of a request. It waits for room in memory before it reads; a body of
// unknown size needs room for the largest. If receive returns false, it has answered the request
// with an error. Otherwise call release.
func (c *Collector) receive(w http.ResponseWriter, r *http.Request, formats ...format) (body, bool) {
	var b body
	var known bool
	if b.format, known = formatOf(r.Header.Get("Content-Type")); !known || !slices.Contains(formats, b.format) {
		service.WriteProblem(w, http.StatusUnsupportedMediaType, "", fmt.Sprintf("Content-Type %s: send %s", r.Header.Get("Content-Type"), either(formats)))
		return b, false
	}
	if b.coding, known = codingOf(r.Header.Get("Content-Encoding")); !known {
		service.WriteProblem(w, http.StatusUnsupportedMediaType, "", "Content-Encoding "+r.Header.Get("Content-Encoding")+": send zstd, gzip, or no compression")
		return b, false
	}
	size := r.ContentLength
	if size < 0 {
		size = event.MaxBatchBytes
	}
	if size > event.MaxBatchBytes {
		service.WriteProblem(w, http.StatusRequestEntityTooLarge, "", errTooLarge.Error())
		return b, false
	}
	if !c.inFlight.take(r.Context(), size) {
		unavailable(w, "too many requests are in progress; send the same events again later")
		return b, false
	}
	b.reserved = size
	err := b.read(http.MaxBytesReader(w, r.Body, event.MaxBatchBytes), size)
	if err == nil {
		return b, true
	}
	c.release(&b)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		service.WriteProblem(w, http.StatusRequestEntityTooLarge, "", errTooLarge.Error())
	} else {
		service.WriteProblem(w, http.StatusBadRequest, "", "the body could not be read completely")
	}
	return b, false
}

// either joins formats with "or".
func either(formats []format) string {
	text := formats[0].String()
	for _, f := range formats[1:] {
		text += " or " + f.String()
	}
	return text
}

func (b *body) read(from io.Reader, size int64) (err error) {
	if size == event.MaxBatchBytes { // the size may not be known
		b.bytes, err = io.ReadAll(from)
		return err
	}
	b.bytes = make([]byte, size)
	_, err = io.ReadFull(from, b.bytes)
	return err
}

// shrink gives back the memory of a body of which so many bytes are still needed, in another form.
func (c *Collector) shrink(b *body, bytes int) {
	b.bytes = nil
	if surplus := b.reserved - int64(bytes); surplus > 0 {
		c.inFlight.give(surplus)
		b.reserved -= surplus
	}
}

// release gives back the memory of a body.
func (c *Collector) release(b *body) { c.shrink(b, 0) }
