package bundle

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Sealed is a bundle ready to be published: first the objects, then the envelope.
type Sealed struct {
	Manifest *Manifest
	Envelope []byte // to be created as Manifest.Name(), then copied to LatestName
	Objects  []NamedObject
}

// NamedObject is an object to be put into a bucket. Its name is made of its hash, so
// that an object of this name that is already there is this one.
type NamedObject struct {
	Name string
	Data []byte
}

// Seal packs the payload and signs the manifest. It sets m.Payload, its
// deltas apart, and cuts m.Created and m.Expires to whole seconds in UTC; all other
// fields must be set.
// The same input gives the same bytes.
func Seal(m Manifest, payload []byte, signers ...Signer) (*Sealed, error) {
	if len(payload) == 0 || len(payload) > MaxPayloadRaw {
		return nil, fmt.Errorf("the payload has %d bytes, it must have 1 to %d", len(payload), MaxPayloadRaw)
	}
	gzipped, err := packGzip(payload)
	if err != nil {
		return nil, fmt.Errorf("gzip the payload: %w", err)
	}
	zstded, err := packZstd(payload)
	if err != nil {
		return nil, fmt.Errorf("pack the payload with zstd: %w", err)
	}
	m.Payload.Raw, m.Payload.Gzip, m.Payload.Zstd = digestOf(payload), digestOf(gzipped), digestOf(zstded)
	m.Created, m.Expires = wholeSeconds(m.Created), wholeSeconds(m.Expires)
	m.complete()
	sealed, err := SignManifest(m, signers...)
	if err != nil {
		return nil, err
	}
	return &Sealed{
		Manifest: &m,
		Envelope: sealed,
		Objects: []NamedObject{
			{PayloadName(m.Payload.Gzip.SHA256), gzipped},
			{PayloadName(m.Payload.Zstd.SHA256), zstded},
		},
	}, nil
}

func digestOf(data []byte) Digest { return Digest{HashOf(data), int64(len(data))} }

// packGzip packs for readers that have nothing else: every runtime inflates gzip.
func packGzip(payload []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(payload); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// packZstd packs on one goroutine, which makes the bytes depend on the payload alone.
// There is no checksum inside: the manifest has a better one.
func packZstd(payload []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedBestCompression),
		zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(MaxPayloadWindow),
		zstd.WithEncoderCRC(false),
	)
	if err != nil {
		return nil, err
	}
	packed := w.EncodeAll(payload, nil)
	return packed, w.Close()
}
