package bundle

import (
	"context"
	"errors"
	"fmt"
)

// FetchMethod is how [Fetch] got a payload.
type FetchMethod string

// The methods.
const (
	FetchKept  FetchMethod = "kept"  // not fetched: the current bundle has the payload
	FetchDelta FetchMethod = "delta" // a delta from the payload of the current bundle
	FetchZstd  FetchMethod = "zstd"
	FetchGzip  FetchMethod = "gzip"
)

// FetchMethods returns all methods, in ascending order of bytes transferred.
func FetchMethods() []FetchMethod {
	return []FetchMethod{FetchKept, FetchDelta, FetchZstd, FetchGzip}
}

// Fetched is a payload that has the hash and the size in its manifest.
type Fetched struct {
	Payload []byte // raw
	Method  FetchMethod
	Size    int64 // bytes of the object that was read; 0 for FetchKept

	// DeltaErr is the error of the delta from the current payload. It is nil if the delta
	// worked or if there is none.
	DeltaErr error
}

// Fetch gets the payload that a verified manifest has for an application; see
// [Manifest.PayloadOf]. The current bundle, which must be verified, is at; it may be nil. If its
// payload is the one that m names, Fetch returns it. If m has a delta from it, Fetch applies the
// delta. Otherwise, and if the delta fails, Fetch gets the zstd payload, or the gzip payload if
// src does not have the zstd one.
//
// Fetch reads and inflates at most the signed number of bytes, and the payload that it returns
// always has the signed hash. Errors are [ErrApplication], [ErrMismatch], [ErrNotFound] if the
// payload is missing, and those of src.
func Fetch(ctx context.Context, src Source, m *Manifest, application string, at *Bundle) (*Fetched, error) {
	p, err := m.PayloadOf(application)
	if err != nil {
		return nil, err
	}
	f := &Fetched{}
	if at != nil {
		if at.Raw() == p.Raw {
			return &Fetched{Payload: at.Payload, Method: FetchKept}, nil
		}
		if d := p.deltaFrom(at.Raw().SHA256); d != nil {
			f.DeltaErr = f.take(ctx, src, p, FetchDelta, DeltaName(d.Packed.SHA256), d.Packed, func(packed []byte, size int64) ([]byte, error) {
				return inflateDelta(packed, at.Payload, size)
			})
			if f.DeltaErr == nil {
				return f, nil
			}
		}
	}
	err = f.take(ctx, src, p, FetchZstd, PayloadName(p.Zstd.SHA256), p.Zstd, inflateZstd)
	if errors.Is(err, ErrNotFound) {
		err = f.take(ctx, src, p, FetchGzip, PayloadName(p.Gzip.SHA256), p.Gzip, inflateGzip)
	}
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", m.Revision, err)
	}
	return f, nil
}

func (p *Payload) deltaFrom(earlier Hash) *Delta {
	for i := range p.Deltas {
		if p.Deltas[i].From == earlier {
			return &p.Deltas[i]
		}
	}
	return nil
}

// take fetches the payload by one method.
func (f *Fetched) take(ctx context.Context, src Source, p *Payload, method FetchMethod, name string, packed Digest,
	inflate func(packed []byte, size int64) ([]byte, error)) error {
	data, err := fetchObject(ctx, src, name, packed)
	if err != nil {
		return err
	}
	raw, err := inflate(data, p.Raw.Size)
	if err == nil {
		err = p.Check(raw)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f.Payload, f.Method, f.Size = raw, method, packed.Size
	return nil
}

// FetchCore gets the core that a verified manifest names. It reads at most the signed number of
// bytes. Errors are [ErrMismatch], [ErrNotFound], and those of src.
func FetchCore(ctx context.Context, src Source, c Core) ([]byte, error) {
	return fetchObject(ctx, src, CoreName(c.SHA256), Digest{c.SHA256, c.Size})
}

// fetchObject gets an object whose hash and length are signed.
func fetchObject(ctx context.Context, src Source, name string, d Digest) ([]byte, error) {
	o, err := src.Get(ctx, name, "", d.Size)
	if errors.Is(err, ErrTooLarge) {
		return nil, fmt.Errorf("%w: %s is longer than the signed length of %d bytes", ErrMismatch, name, d.Size)
	}
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	if err := d.check("object "+name, o.Data); err != nil {
		return nil, err
	}
	return o.Data, nil
}
