package collector

import (
	"bytes"
	"compress/gzip"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/sortition-dev/sortition/bundle/event"
)

// What an unpacker accepts does not depend on what it unpacked before.
func TestUnpackHasNoMemory(t *testing.T) {
	enc, err := zstd.NewWriter(nil, zstd.WithSingleSegment(true)) // each frame says its size
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	frame := func(n int) []byte { return enc.EncodeAll(make([]byte, n), nil) }
	var large bytes.Buffer
	z := gzip.NewWriter(&large)
	z.Write(make([]byte, event.MaxBatchBytes))
	z.Close()

	tests := []struct {
		name string
		body []byte
		size int // 0 if it is too large
	}{
		{"two frames", slices.Concat(frame(100), frame(200)), 300},
		{"a small and a large frame", slices.Concat(frame(10), frame(event.MaxBatchBytes-10)), event.MaxBatchBytes},
		{"an empty frame first", slices.Concat(frame(0), frame(9)), 9},
		{"a byte too many", slices.Concat(frame(10), frame(event.MaxBatchBytes-9)), 0},
		{"a byte too many in a frame that does not say so", append(frame(1), streamed(t, event.MaxBatchBytes)...), 0},
	}
	for _, tt := range tests {
		for _, before := range []struct {
			name string
			body []byte
			coding
		}{{"nothing", nil, plain}, {"a small body", frame(1), zstdCoding}, {"the largest gzip", large.Bytes(), gzipCoding}} {
			t.Run(tt.name+" after "+before.name, func(t *testing.T) {
				var u unpacker
				if _, err := u.unpack(before.body, before.coding); err != nil {
					t.Fatal(err)
				}
				text, err := u.unpack(tt.body, zstdCoding)
				if tt.size == 0 && err != errTooLarge || tt.size > 0 && (err != nil || len(text) != tt.size) {
					t.Errorf("%d bytes, %v", len(text), err)
				}
			})
		}
	}
}

// streamed returns n bytes as a frame that does not say its size.
func streamed(t *testing.T, n int) []byte {
	var packed bytes.Buffer
	w, err := zstd.NewWriter(&packed)
	if err == nil {
		_, err = w.Write(make([]byte, n))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}
