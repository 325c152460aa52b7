// Package exposuretest reads what hosts send to a collector, for tests that stand in for one.
//
// This package is internal to Sortition and may change without notice.
package exposuretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/event"
)

// Read returns the body of POST /api/v1/exposures, which may be JSON or msgpack, and compressed. It
// also returns the size of the body without compression.
func Read(r *http.Request) (batch event.ExposureBatch, size int, err error) {
	var body io.Reader = r.Body
	switch coding := r.Header.Get("Content-Encoding"); coding {
	case "":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(body); err == nil {
			defer d.Close()
			body = d
		}
	default:
		err = fmt.Errorf("Content-Encoding %q", coding)
	}
	if err != nil {
		return batch, 0, err
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return batch, 0, err
	}
	switch kind := r.Header.Get("Content-Type"); kind {
	case "application/json":
		err = json.Unmarshal(text, &batch)
	case "application/msgpack":
		d := msgpack.NewDecoder(bytes.NewReader(text))
		d.SetCustomStructTag("json")
		err = d.Decode(&batch)
	default:
		err = fmt.Errorf("Content-Type %q", kind)
	}
	return batch, len(text), err
}
