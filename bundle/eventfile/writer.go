package eventfile

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/sortition-dev/sortition/bundle/event"
)

// Limits of a row group. A Writer holds one row group in memory besides the file, and a reader one
// or two.
const (
	MaxRowGroupRows  = 1 << 16
	MaxRowGroupBytes = 8 << 20 // of the rows' text before compression; the last Write may exceed it
)

// pageSize is the number of bytes of one column that are compressed together.
const pageSize = 64 << 10

// Writer writes files, one after the other. It keeps its buffers between files. It is not safe for
// concurrent use.
type Writer[R Row] struct {
	file    buffer
	options []parquet.WriterOption // with a codec and pages that all files share
	parquet *parquet.GenericWriter[R]
	rows    int // of the row group
	text    int // bytes of the row group
}

// NewWriter returns a Writer that has begun a file.
func NewWriter[R Row]() *Writer[R] {
	w := &Writer[R]{options: []parquet.WriterOption{
		parquet.CreatedBy("sortition", "1", ""), parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.PageBufferSize(pageSize), parquet.ColumnPageBuffers(parquet.NewBufferPool()),
		parquet.DataPageStatistics(false), // the index of the file has them, too
	}}
	w.Reset()
	return w
}

// buffer is a file in memory. It grows by a quarter, while a bytes.Buffer doubles.
type buffer struct{ data []byte }

func (b *buffer) Write(p []byte) (int, error) {
	b.data = append(b.data, p...)
	return len(p), nil
}

// Write adds rows to the file. After an error the file is lost; call Reset.
func (w *Writer[R]) Write(rows []R) error {
	for len(rows) > 0 {
		part := rows[:min(len(rows), MaxRowGroupRows-w.rows)]
		rows = rows[len(part):]
		if _, err := w.parquet.Write(part); err != nil {
			return fmt.Errorf("cannot write Parquet: %w", err)
		}
		w.rows += len(part)
		for i := range part {
			w.text += textOf(&part[i])
		}
		if w.rows < MaxRowGroupRows && w.text < MaxRowGroupBytes {
			continue
		}
		w.rows, w.text = 0, 0
		if err := w.parquet.Flush(); err != nil {
			return fmt.Errorf("cannot write Parquet: %w", err)
		}
	}
	return nil
}

// textOf returns the number of bytes of the texts in a row.
func textOf[R Row](row *R) int {
	switch r := any(row).(type) {
	case *event.StoredExposure:
		return len(r.Source) + len(r.Boot) + len(r.Experiment) + len(r.Variant) + len(r.Unit) + len(r.UnitHash)
	case *event.StoredOutcome:
		return len(r.ID) + len(r.Event) + len(r.Unit) + len(r.UnitHash) + len(r.Properties)
	}
	panic("not a row")
}

// Finish returns the file, which is valid until the next call. The same rows in the same calls of
// Write give the same bytes. Call Reset before the next Write.
func (w *Writer[R]) Finish() ([]byte, error) {
	if err := w.parquet.Close(); err != nil {
		return nil, fmt.Errorf("cannot write Parquet: %w", err)
	}
	return w.file.data, nil
}

// Reset begins another file.
func (w *Writer[R]) Reset() {
	w.file.data = w.file.data[:0]
	w.rows, w.text = 0, 0
	// Not its Reset: after it, parquet-go v0.32.0 leaves the names of columns out of the footer.
	w.parquet = parquet.NewGenericWriter[R](&w.file, w.options...)
}

// Encode returns a file with the rows. The same rows always give the same bytes.
func Encode[R Row](rows []R) ([]byte, error) {
	w := NewWriter[R]()
	if err := w.Write(rows); err != nil {
		return nil, err
	}
	return w.Finish()
}
