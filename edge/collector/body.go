package collector

import (
	"context"
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

// errBusy says that there was no room in memory for a body within MaxWait.
var errBusy = errors.New("too many requests are in progress; send the same events again later")

// receive reads the body of a request. It waits for room in memory as the body arrives. If receive
// returns false, it has answered the request with an error. Otherwise call release.
func (c *Collector) receive(w http.ResponseWriter, r *http.Request, formats ...format) (b body, ok bool) {
	var known bool
	if b.format, known = formatOf(r.Header.Get("Content-Type")); !known || !slices.Contains(formats, b.format) {
		service.WriteProblem(w, http.StatusUnsupportedMediaType, "", fmt.Sprintf("Content-Type %s: send %s", r.Header.Get("Content-Type"), either(formats)))
		return b, false
	}
	if b.coding, known = codingOf(r.Header.Get("Content-Encoding")); !known {
		service.WriteProblem(w, http.StatusUnsupportedMediaType, "", "Content-Encoding "+r.Header.Get("Content-Encoding")+": send zstd, gzip, or no compression")
		return b, false
	}
	if r.ContentLength > event.MaxBatchBytes {
		service.WriteProblem(w, http.StatusRequestEntityTooLarge, "", errTooLarge.Error())
		return b, false
	}
	defer func() {
		if !ok { // also in a panic
			c.release(&b)
		}
	}()
	err := c.read(r.Context(), &b, http.MaxBytesReader(w, r.Body, event.MaxBatchBytes), r.ContentLength)
	if err == nil {
		return b, true
	}
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		service.WriteProblem(w, http.StatusRequestEntityTooLarge, "", errTooLarge.Error())
	} else if err == errBusy {
		unavailable(w, err.Error())
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

// read reads a body of so many bytes, or to its end if size is negative. It takes memory in steps;
// see MaxFirstStep. It returns errBusy if there is none.
func (c *Collector) read(ctx context.Context, b *body, from io.Reader, size int64) error {
	limit := size
	if size < 0 {
		limit = event.MaxBatchBytes + 1 // so that there is room to see the end
	}
	patience := MaxWait
	for int64(len(b.bytes)) != size {
		if len(b.bytes) == cap(b.bytes) {
			next := min(max(2*b.reserved, MaxFirstStep), limit)
			if !c.inFlight.take(ctx, next-b.reserved, &patience) {
				return errBusy
			}
			b.reserved = next
			b.bytes = append(make([]byte, 0, next), b.bytes...)
		}
		n, err := from.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		if err == io.EOF && (size < 0 || int64(len(b.bytes)) == size) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
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
