package accesslog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// MaxLine is the longest line that a Reader reads, in bytes; a longer one is malformed.
// Servers bound a request line to 8 KiB and each header field likewise.
const MaxLine = 64 << 10

// maxQuoted is how much of a malformed line a LineError quotes, in bytes.
const maxQuoted = 120

var errTooLong = errors.New("longer than 64 KiB")

// LineError says that one line is malformed. Reading may go on after it.
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

// Read returns the next entry. Empty lines are skipped. The error is a *LineError for a
// malformed line, io.EOF after the last one, or what the underlying reader failed with.
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
