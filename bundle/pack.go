package bundle

import (
	"bytes"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sortition-dev/sortition/bundle/patch"
)

// Levels of gzip. The best one packs small payloads best. For large ones it takes eleven times as
// long as the middle one, whose result is smaller.
const (
	middleGzipLevel = 6
	smallPayload    = 256 << 10 // bytes, above which a payload gets the middle level
)

// packGzip packs a payload for hosts without zstd. Every runtime can inflate gzip.
func packGzip(payload []byte) ([]byte, error) {
	level := gzip.BestCompression
	if len(payload) > smallPayload {
		level = middleGzipLevel
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
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

func packZstd(payload []byte) ([]byte, error) {
	return compress(payload, zstd.WithWindowSize(MaxPayloadWindow))
}

// packDelta packs a payload as a zstd frame whose dictionary is an earlier raw payload, as
// `zstd --patch-from` does. The window spans both payloads, so that a match can refer to any
// place of the earlier one.
func packDelta(from, to []byte) ([]byte, error) {
	if small := patch.Zstd(from, to); small != nil {
		return small, nil
	}
	window := max(zstd.MinWindowSize, 1<<bits.Len(uint(len(from)+len(to))))
	return compress(to, zstd.WithWindowSize(window), zstd.WithEncoderDictRaw(noDictionaryID, from))
}

// noDictionaryID omits the dictionary's id from a frame: the manifest names the dictionary by
// hash.
const noDictionaryID = 0

// compress packs on one goroutine, so that the result depends on the input alone. The frame has
// no checksum, because the manifest has the SHA-256.
func compress(data []byte, options ...zstd.EOption) ([]byte, error) {
	w, err := zstd.NewWriter(nil, append(options,
		zstd.WithEncoderLevel(zstd.SpeedBestCompression),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false),
		zstd.WithLowerEncoderMem(true),
	)...)
	if err != nil {
		return nil, err
	}
	packed := w.EncodeAll(data, nil)
	return packed, w.Close()
}

func inflateGzip(packed []byte, size int64) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: gzip: %w", ErrMismatch, err)
	}
	raw := make([]byte, size)
	if n, err := io.ReadFull(r, raw); err != nil {
		return nil, fmt.Errorf("%w: inflating stops after %d of the %d signed bytes: %w", ErrMismatch, n, size, err)
	}
	switch n, err := io.ReadFull(r, make([]byte, 1)); {
	case n != 0:
		return nil, fmt.Errorf("%w: it inflates to more than the %d signed bytes", ErrMismatch, size)
	case err != io.EOF:
		return nil, fmt.Errorf("%w: inflating: %w", ErrMismatch, err)
	}
	return raw, nil
}

func inflateZstd(packed []byte, size int64) ([]byte, error) { return decompress(packed, size) }

func inflateDelta(packed, from []byte, size int64) ([]byte, error) {
	return decompress(packed, size, zstd.WithDecoderDictRaw(noDictionaryID, from))
}

// decompress inflates into one allocation of the given size, and uses no other memory for the
// result. Errors are ErrMismatch.
func decompress(packed []byte, size int64, options ...zstd.DOption) ([]byte, error) {
	r, err := zstd.NewReader(nil, append(options,
		zstd.WithDecoderConcurrency(1),
		zstd.WithDecodeAllCapLimit(true),
	)...)
	if err != nil {
		return nil, fmt.Errorf("%w: zstd: %w", ErrMismatch, err)
	}
	defer r.Close()
	raw, err := r.DecodeAll(packed, make([]byte, 0, size))
	if err != nil {
		return nil, fmt.Errorf("%w: inflating to the %d signed bytes: %w", ErrMismatch, size, err)
	}
	if int64(len(raw)) != size {
		return nil, fmt.Errorf("%w: it inflates to %d bytes; %d were signed", ErrMismatch, len(raw), size)
	}
	return raw, nil
}
