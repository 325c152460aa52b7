package collector

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sortition-dev/sortition/bundle/event"
)

// coding is the compression of a request's body.
type coding uint8

const (
	plain coding = iota
	zstdCoding
	gzipCoding
)

// codingOf returns the coding that a Content-Encoding names.
func codingOf(name string) (coding, bool) {
	switch strings.ToLower(name) {
	case "", "identity":
		return plain, true
	case "zstd":
		return zstdCoding, true
	case "gzip":
		return gzipCoding, true
	}
	return 0, false
}

// errTooLarge says that a body is over the limit, compressed or not.
var errTooLarge = fmt.Errorf("the body is larger than %d bytes; send several smaller batches", event.MaxBatchBytes)

// maxZstdWindow is the largest window of a zstd body in bytes. RFC 8878 recommends that every
// encoder stays below it.
const maxZstdWindow = 8 << 20

// magics are how compressed bodies begin. JSON and the map of a batch in msgpack begin otherwise.
var magics = []struct {
	name  string
	bytes []byte
}{{"gzip", []byte{0x1f, 0x8b}}, {"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd}}}

// unpacker undoes the compression of bodies. It is not safe for concurrent use.
type unpacker struct {
	zstd *zstd.Decoder
	gzip *gzip.Reader
	body []byte
}

// unpack returns the bytes of a body, which are valid until the next call. The error is
// errTooLarge, says that the body is damaged, or that it is compressed and should not be.
func (u *unpacker) unpack(body []byte, c coding) ([]byte, error) {
	switch c {
	case zstdCoding:
		return u.unzstd(body)
	case gzipCoding:
		return u.gunzip(body)
	}
	for _, m := range magics {
		if bytes.HasPrefix(body, m.bytes) {
			return nil, fmt.Errorf("the body looks like %s: send Content-Encoding: %[1]s", m.name)
		}
	}
	return body, nil
}

func (u *unpacker) unzstd(packed []byte) ([]byte, error) {
	if u.zstd == nil {
		var err error
		u.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
			zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, err
		}
	}
	u.grow(sizeOf(packed))
	body, err := u.zstd.DecodeAll(packed, u.room())
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) && cap(u.body) < event.MaxBatchBytes { // further frames follow
		u.grow(event.MaxBatchBytes)
		body, err = u.zstd.DecodeAll(packed, u.room())
	}
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return nil, errTooLarge
	case err != nil:
		return nil, errors.New("the body is not valid zstd")
	}
	return body, nil
}

// sizeOf returns the size that the first zstd frame says it unpacks to. If it does not say, it is
// the limit.
func sizeOf(packed []byte) int {
	var header zstd.Header
	if header.Decode(packed) != nil || !header.HasFCS || header.FrameContentSize > event.MaxBatchBytes {
		return event.MaxBatchBytes
	}
	return int(header.FrameContentSize)
}

func (u *unpacker) grow(size int) {
	if cap(u.body) < size {
		u.body = make([]byte, 0, size)
	}
}

// room returns the buffer for zstd, which unpacks no more than its capacity. After gzip, a buffer
// may be larger than the limit.
func (u *unpacker) room() []byte { return u.body[:0:min(cap(u.body), event.MaxBatchBytes)] }

func (u *unpacker) gunzip(packed []byte) (_ []byte, err error) {
	if u.gzip == nil {
		u.gzip = new(gzip.Reader)
	}
	if err = u.gzip.Reset(bytes.NewReader(packed)); err == nil {
		body := bytes.NewBuffer(u.body[:0])
		_, err = body.ReadFrom(io.LimitReader(u.gzip, event.MaxBatchBytes+1))
		u.body = body.Bytes()
	}
	switch {
	case err != nil:
		return nil, errors.New("the body is not valid gzip")
	case len(u.body) > event.MaxBatchBytes:
		return nil, errTooLarge
	}
	return u.body, nil
}
