package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Bundle is a verified revision.
type Bundle struct {
	Manifest *Manifest
	Envelope []byte // the manifest as it was signed
	Payload  []byte // raw
}

// Open verifies the envelope of a manifest, fetches the payload it names from src and
// verifies that. Of the two packed payloads it takes the zstd one, and the gzip one
// where the source does not have that. It reads no more bytes than were signed, and
// inflates no more than were signed.
//
// Open does not look at the clock or at the revision: an expired or old bundle is a
// valid bundle. Errors are those of Root.VerifyManifest, ErrEnvironment, ErrSchema,
// ErrMismatch, ErrNotFound if the payload is missing, or what the source returned.
func Open(ctx context.Context, src Source, trust Verifier, envelope []byte, environment string) (*Bundle, error) {
	m, err := trust.VerifyManifest(envelope)
	if err != nil {
		return nil, err
	}
	if err := m.CheckUsable(environment); err != nil {
		return nil, err
	}
	payload, err := fetchPayload(ctx, src, m)
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", m.Revision, err)
	}
	return &Bundle{m, envelope, payload}, nil
}

func fetchPayload(ctx context.Context, src Source, m *Manifest) ([]byte, error) {
	packed, err := fetchPacked(ctx, src, m.Payload.Zstd)
	inflate := inflateZstd
	if errors.Is(err, ErrNotFound) {
		packed, err = fetchPacked(ctx, src, m.Payload.Gzip)
		inflate = inflateGzip
	}
	if err != nil {
		return nil, err
	}
	raw, err := inflate(packed, m.Payload.Raw.Size)
	if err != nil {
		return nil, err
	}
	if err := m.Payload.Check(raw); err != nil {
		return nil, err
	}
	return raw, nil
}

func fetchPacked(ctx context.Context, src Source, d Digest) ([]byte, error) {
	name := PayloadName(d.SHA256)
	o, err := src.Get(ctx, name, "", d.Size)
	if errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("%w: %s is longer than the %d bytes that were signed", ErrMismatch, name, d.Size)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	if err := d.check("packed payload "+name, o.Data); err != nil {
		return nil, err
	}
	return o.Data, nil
}

func inflateZstd(packed []byte, size int64) ([]byte, error) {
	// The memory options of the decoder do not bound a stream's length; inflate does.
	r, err := zstd.NewReader(bytes.NewReader(packed),
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(MaxPayloadWindow),
	)
	if err != nil {
		return nil, fmt.Errorf("%w: zstd: %w", ErrMismatch, err)
	}
	defer r.Close()
	return inflate(r, size)
}

func inflateGzip(packed []byte, size int64) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: gzip: %w", ErrMismatch, err)
	}
	return inflate(r, size)
}

// inflate reads exactly size bytes, one more at most. Errors are ErrMismatch.
func inflate(r io.Reader, size int64) ([]byte, error) {
	raw := make([]byte, size)
	if n, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("%w: inflating ends after %d of the %d bytes that were signed: %w", ErrMismatch, n, size, err)
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n != 0:
		return nil, fmt.Errorf("%w: it inflates to more than the %d bytes that were signed", ErrMismatch, size)
	case err != io.EOF:
		return nil, fmt.Errorf("%w: inflating: %w", ErrMismatch, err)
	}
	return raw, nil
}
