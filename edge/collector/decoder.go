package collector

import (
	"net/http"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/collector/sink"
)

// maxDecoders bounds the memory of decoders, of which each takes up to 5 MiB. Eight decode millions
// of events a second.
const maxDecoders = 8

// decoder turns the body of a request into a blob for the spool. It keeps its buffers, so that it
// allocates little for a request and nothing for an event. There are as many decoders as
// processors, up to maxDecoders, and a request has one only while it needs the processor. It is not
// safe for concurrent use.
type decoder struct {
	unpacker unpacker
	json     *service.JSONReader
	hasher   *event.Hasher
	ids      func() string // makes the id of an outcome
	now      time.Time     // of the request

	exposures event.ExposureBatch
	outcomes  []event.Outcome
	batch     sink.Builder
}

func newDecoder(key []byte, ids func() string) *decoder {
	return &decoder{json: service.NewJSONReader(), hasher: event.NewHasher(key), ids: ids}
}

// decode is a method of a decoder that reads a body, unpacked, into d.batch. Its error is for the
// client.
type decode func(d *decoder, text []byte, f format) error

// run decodes a body. The blob is valid until the next call. The error is an *invalidBody.
func (d *decoder) run(b *body, how decode, now time.Time) (blob []byte, err error) {
	defer d.forget() // also in a panic: the next request must not store events of this one
	text, err := d.unpacker.unpack(b.bytes, b.coding)
	if err == nil {
		d.now = now
		err = how(d, text, b.format)
	}
	switch err {
	case nil:
		return d.batch.Blob(), nil
	case errTooLarge:
		return nil, &invalidBody{http.StatusRequestEntityTooLarge, err}
	}
	return nil, &invalidBody{http.StatusBadRequest, err}
}

// invalidBody is an error of the client.
type invalidBody struct {
	status int
	error
}

// forget drops the strings of a request, but not the memory of the slices.
func (d *decoder) forget() {
	clear(d.exposures.Exposures)
	d.exposures = event.ExposureBatch{Exposures: d.exposures.Exposures[:0]}
	clear(d.outcomes)
	d.outcomes = d.outcomes[:0]
}
