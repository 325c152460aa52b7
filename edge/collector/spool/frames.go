package spool

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

// readBuffer is the number of bytes that are read from a segment at a time.
const readBuffer = 64 << 10

// frames reads the blobs of a segment file one by one, in a buffer that grows to the largest.
type frames struct {
	r     *bufio.Reader
	blob  []byte
	whole int64 // bytes of the file up to the end of the last whole frame
}

// newFrames reads the magic. If that is not whole, or is another one, the file has no frames.
func newFrames(file io.Reader) (*frames, error) {
	f := &frames{r: bufio.NewReaderSize(file, readBuffer)}
	var begin [len(magic)]byte
	if err := f.read(begin[:]); err != nil || string(begin[:]) != magic {
		return f, orTorn(err)
	}
	f.whole = int64(len(magic))
	return f, nil
}

// errTorn says that a frame is incomplete or damaged.
var errTorn = errors.New("a frame that is not whole")

func orTorn(err error) error {
	if err == nil {
		return errTorn
	}
	return err
}

// next returns the next blob, which is valid until the next call. The error is io.EOF after the
// last frame, and errTorn at a frame that is incomplete or damaged.
func (f *frames) next() ([]byte, error) {
	var header [frameHeader]byte
	if _, err := f.r.Peek(1); err == io.EOF {
		return nil, io.EOF
	}
	if err := f.read(header[:]); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header[:4])
	if length == 0 || length > MaxBlob {
		return nil, errTorn
	}
	if int(length) > cap(f.blob) {
		f.blob = make([]byte, length)
	}
	f.blob = f.blob[:length]
	if err := f.read(f.blob); err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint32(header[4:]) != checksum(header[:4], f.blob) {
		return nil, errTorn
	}
	f.whole += frameHeader + int64(length)
	return f.blob, nil
}

func (f *frames) read(p []byte) error {
	_, err := io.ReadFull(f.r, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errTorn
	}
	return err
}
