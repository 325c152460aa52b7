package payload

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/sortition-dev/sortition/wasm/request"
)

// Schema is the version of the payload format that this package writes, and the newest
// that it reads.
const Schema = 1

// MaxSize is the largest size of a raw payload, in bytes. A host holds the payload once, and
// once more for each instance of the core. 10,000 experiments take about 4 MiB, a segment of a
// million ids takes 8 MiB.
const MaxSize = 128 << 20

var (
	// ErrFormat is wrapped by the errors for payloads that are not in the format.
	ErrFormat = errors.New("invalid payload")
	// ErrSchema is wrapped by the errors for payloads that need a newer reader.
	ErrSchema = errors.New("payload needs a newer reader")
)

// maxPayloadKeys is the largest number of keys in a payload's map: the columns of this schema,
// and room for those of later ones.
const maxPayloadKeys = 256

// The keys that both [Reader] and [Writer] use.
const (
	// differenceWidth is the width in bytes of the columns that are stored as
	// differences.
	differenceWidth = 4

	keySchema     = "schema"
	columnText    = "text"
	columnTextEnd = "text.end"
)

// Reader reads the columns of a payload. It and the strings that it returns refer to the
// payload's bytes, which must not change. It is safe for concurrent use.
type Reader struct {
	raw     []byte
	columns map[string][]byte
	order   []string // of the columns
	textEnd []uint32
	text    []byte
}

// NewReader returns a reader of a raw payload. The payload must be one that was verified:
// NewReader checks the form of the map, and the reader's methods check the columns that they
// read, but only the core checks the whole program. Errors wrap [ErrFormat] or [ErrSchema].
func NewReader(raw []byte) (*Reader, error) {
	r := &Reader{raw: raw, columns: map[string][]byte{}}
	m := &msgpackReader{raw}
	n, err := m.mapLen()
	if err != nil {
		return nil, err
	}
	if n > maxPayloadKeys {
		return nil, fmt.Errorf("%w: the map has %d keys; the limit is %d", ErrFormat, n, maxPayloadKeys)
	}
	for range n {
		if err := r.entry(m); err != nil {
			return nil, err
		}
	}
	if len(m.rest) != 0 {
		return nil, fmt.Errorf("%w: %d bytes follow its end", ErrFormat, len(m.rest))
	}
	c := r.columnReader()
	r.text, r.textEnd = c.u8(columnText), c.u32(columnTextEnd)
	return r, c.err
}

// Raw returns the payload's bytes, which must not change; nil for a nil Reader.
func (r *Reader) Raw() []byte {
	if r == nil {
		return nil
	}
	return r.raw
}

func (r *Reader) entry(m *msgpackReader) error {
	name, err := m.string()
	if err != nil {
		return err
	}
	switch key := string(name); key {
	case keySchema:
		schema, err := m.uint()
		if err == nil && schema != Schema {
			err = fmt.Errorf("%w: schema %d, this program reads %d", ErrSchema, schema, Schema)
		}
		return err
	default:
		if _, ok := r.columns[key]; ok {
			return fmt.Errorf("%w: the key %q appears twice", ErrFormat, key)
		}
		if r.columns[key], err = m.bin(); err != nil {
			return fmt.Errorf("column %q: %w", key, err)
		}
		r.order = append(r.order, key)
		return nil
	}
}

// Names returns the numbers of unit types and attributes, by which requests refer to them.
func (r *Reader) Names() (*request.Names, error) {
	c := r.columnReader()
	var names [2][]string
	for i, column := range [...]string{"unit.name", "attribute.name"} {
		for _, id := range c.u32(column) {
			names[i] = append(names[i], c.string(id))
		}
	}
	n := request.NewNames(names[0], names[1], c.timeless())
	return n, c.err
}

// timeless reports whether no decision depends on the time: the program has no schedule, no
// ramp and no test of elapsed time.
func (c *columnReader) timeless() bool {
	for _, column := range [...]string{"experiment.start", "experiment.end", "step.at"} {
		for _, b := range c.bytes(column, 8) {
			if b != 0 {
				return false
			}
		}
	}
	return !slices.Contains(c.u8("test.op"), opElapsed)
}

// columnReader decodes columns. It keeps the first error.
type columnReader struct {
	r   *Reader
	err error
}

func (r *Reader) columnReader() *columnReader { return &columnReader{r: r} }

func (c *columnReader) bytes(name string, width int) []byte {
	data, ok := c.r.columns[name]
	if (!ok || len(data)%width != 0) && c.err == nil {
		c.err = fmt.Errorf("%w: column %q is missing or cut off", ErrFormat, name)
	}
	return data[:len(data)/width*width]
}

func (c *columnReader) u8(name string) []byte { return c.bytes(name, 1) }

func (c *columnReader) u16(name string) []uint16 { return integers[uint16](c, name) }
func (c *columnReader) u32(name string) []uint32 { return integers[uint32](c, name) }
func (c *columnReader) u64(name string) []uint64 { return integers[uint64](c, name) }

// integers decodes a column.
func integers[T uint16 | uint32 | uint64](c *columnReader, name string) []T {
	width := int(unsafe.Sizeof(T(0)))
	data := c.bytes(name, width)
	values := make([]T, len(data)/width)
	for i := range values {
		for j := width - 1; j >= 0; j-- {
			values[i] = values[i]<<8 | T(data[i*width+j])
		}
		if width == differenceWidth && i > 0 {
			values[i] += values[i-1]
		}
	}
	return values
}

// string returns a text of the payload without copying it.
func (c *columnReader) string(id uint32) string {
	t := c.text(id)
	b := c.r.text[t.from:t.to]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// text returns where a text is in the text column.
func (c *columnReader) text(id uint32) part {
	ends := c.r.textEnd
	if int64(id) >= int64(len(ends)) {
		c.fail(id)
		return part{}
	}
	t := part{0, ends[id]}
	if id > 0 {
		t.from = ends[id-1]
	}
	if t.from > t.to || int64(t.to) > int64(len(c.r.text)) {
		c.fail(id)
		return part{}
	}
	return t
}

func (c *columnReader) fail(id uint32) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: there is no text %d", ErrFormat, id)
	}
}

func (c *columnReader) sameLength(lengths ...int) error {
	if c.err != nil {
		return c.err
	}
	for _, n := range lengths {
		if n != lengths[0] {
			c.err = fmt.Errorf("%w: columns of one table have different lengths", ErrFormat)
		}
	}
	return c.err
}
