package accesslog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// MaxLine is the longest line that a Reader accepts, in bytes. A longer line is malformed.
// Servers limit a request line and each header field to 8 KiB.
const MaxLine = 64 << 10

// maxQuoted is how much of a malformed line a LineError quotes, in bytes.
const maxQuoted = 120

var errTooLong = errors.New("longer than 64 KiB")

// LineError reports a malformed line. Reading can continue after it.
type LineError struct {
	Line int    // from 1
	Text string // the beginning of the line
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v: %q", e.Line, e.Err, e.Text) }

func (e *LineError) Unwrap() error { return e.Err }

// Reader reads the entries of a log one by one.
type Reader struct {
	lines *bufio.Reader
	line  int
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{lines: bufio.NewReaderSize(r, MaxLine)}
}

// Read returns the next entry. It skips empty lines. The error is a *[LineError] for a
// malformed line, io.EOF after the last line, or an error of the underlying reader.
func (r *Reader) Read() (Entry, error) {
	for {
		text, long, err := r.lines.ReadLine()
		if err != nil {
			return Entry{}, err
		}
		r.line++
		if long {
			failure := &LineError{Line: r.line, Text: string(text[:maxQuoted]), Err: errTooLong}
			for long && err == nil {
				_, long, err = r.lines.ReadLine()
			}
			if err != nil && err != io.EOF {
				return Entry{}, err
			}
			return Entry{}, failure
		}
		if len(text) == 0 {
			continue
		}
		entry, err := Parse(string(text))
		if err != nil {
			return Entry{}, &LineError{Line: r.line, Text: string(text[:min(len(text), maxQuoted)]), Err: err}
		}
		return entry, nil
	}
}
