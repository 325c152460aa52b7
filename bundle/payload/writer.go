package payload

import (
	"fmt"
	"slices"
	"unsafe"
)

// Writer collects the columns of a payload. The zero value is ready to use.
type Writer struct {
	columns []namedColumn
	text    []byte
	textEnd []uint32
	ids     map[string]uint32
	asked   []uint32 // the strings that Text was called with, in order
	is      []bool   // by string: whether it is among asked

	reserved int // strings that have their numbers by Reserve
}

type namedColumn struct {
	name string
	data []byte
}

// Text returns the number of a string, and adds it to the payload if it is new.
func (w *Writer) Text(s string) uint32 {
	id, ok := w.ids[s]
	if !ok {
		id = w.add(s)
	}
	if !w.is[id] {
		w.is[id] = true
		w.asked = append(w.asked, id)
	}
	return id
}

// Reserve gives strings the first numbers, in order. It must be the first call.
func (w *Writer) Reserve(texts []string) {
	w.reserved = len(texts)
	size := 0
	for _, s := range texts {
		size += len(s)
	}
	w.ids = make(map[string]uint32, len(texts))
	w.text, w.textEnd = make([]byte, 0, size), make([]uint32, 0, len(texts))
	w.is, w.asked = make([]bool, 0, len(texts)), make([]uint32, 0, len(texts))
	for _, s := range texts {
		w.add(s)
	}
}

// AsReserved reports whether Text was called with the reserved strings, with all of them and with
// no others.
func (w *Writer) AsReserved() bool {
	return len(w.asked) == w.reserved && len(w.textEnd) == w.reserved
}

func (w *Writer) add(s string) uint32 {
	if w.ids == nil {
		w.ids = map[string]uint32{}
	}
	id := uint32(len(w.textEnd))
	w.ids[s] = id
	w.text = append(w.text, s...)
	w.textEnd = append(w.textEnd, uint32(len(w.text)))
	w.is = append(w.is, false)
	return id
}

// Column adds a column of integers, encoded as payloads encode columns of that width. It
// replaces a column of the same name.
func Column[T uint8 | uint16 | uint32 | uint64](w *Writer, name string, values []T) {
	c := namedColumn{name, encodeColumn(values)}
	if i := slices.IndexFunc(w.columns, func(c namedColumn) bool { return c.name == name }); i >= 0 {
		w.columns[i] = c
		return
	}
	w.columns = append(w.columns, c)
}

func encodeColumn[T uint8 | uint16 | uint32 | uint64](values []T) []byte {
	if unsafe.Sizeof(T(0)) == differenceWidth {
		differences := make([]T, len(values))
		for i, last := 0, T(0); i < len(values); i++ {
			differences[i] = values[i] - last
			last = values[i]
		}
		values = differences
	}
	return AppendLittleEndian(nil, values)
}

// AppendLittleEndian appends each value with its least significant byte first.
func AppendLittleEndian[T uint8 | uint16 | uint32 | uint64](b []byte, values []T) []byte {
	width := int(unsafe.Sizeof(T(0)))
	b = slices.Grow(b, width*len(values))
	for _, v := range values {
		for i, rest := 0, uint64(v); i < width; i, rest = i+1, rest>>8 {
			b = append(b, byte(rest))
		}
	}
	return b
}

// columnOverhead is more than the bytes beside the name and the data of a column, and than those of
// the schema.
const columnOverhead = 32

// Bytes returns the payload. The same calls in the same order give the same bytes. The error
// is for a payload over [MaxSize].
func (w *Writer) Bytes() ([]byte, error) {
	columns := append([]namedColumn{
		{columnText, w.text},
		{columnTextEnd, encodeColumn(w.textEnd)},
	}, w.columns...)
	size := 0
	for _, c := range columns {
		size += len(c.name) + len(c.data) + columnOverhead
	}
	b := appendMapLen(make([]byte, 0, size+columnOverhead), 1+len(columns))
	b = append(appendString(b, keySchema), Schema)
	for _, c := range columns {
		b = appendBin(appendString(b, c.name), c.data)
	}
	if len(b) > MaxSize {
		return nil, fmt.Errorf("payload has %d bytes; the limit is %d; publish fewer experiments or smaller configurations", len(b), MaxSize)
	}
	return b, nil
}
