package memo

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"reflect"
	"sync"
)

// The encoding of a value. A struct is a bitmap of the fields that are not zero, and those fields.
// Numbers are varints. A string that occurred before in the same encoding is a reference to its
// first occurrence. Slices have their length, and one more so that nil differs from empty. There
// are no names and no types: the reader has the same types as the writer, see [build].

// ErrDamaged is the error for bytes that are not the encoding of a value of the type.
var ErrDamaged = errors.New("not an encoding of this type")

// Encode encodes the value that v points to: a struct of exported fields, or what such a struct
// may consist of. It panics on other types, which are mistakes of the program.
func Encode(v any) []byte {
	e := encoder{texts: map[string]uint64{}}
	of := reflect.ValueOf(v).Elem()
	e.value(formOf(of.Type()), of)
	return e.out
}

// Decode decodes what [Encode] returned into the value that v points to, which must be zero. Its
// strings are parts of data. The error is [ErrDamaged].
func Decode(data string, v any) error {
	d := decoder{data: data}
	of := reflect.ValueOf(v).Elem()
	d.value(formOf(of.Type()), of)
	if d.failed || d.data != "" {
		return ErrDamaged
	}
	return nil
}

// form is how the values of a type are encoded.
type form struct {
	kind   reflect.Kind
	binary bool  // by the type's own methods, as time.Time
	of     *form // element of a pointer, slice or array
	typ    reflect.Type
	fields []*form // of a struct
}

var forms sync.Map // reflect.Type → *form

var binaryMarshaler = reflect.TypeFor[encoding.BinaryMarshaler]()

// formOf returns the form of a type. Types may contain themselves.
func formOf(t reflect.Type) *form {
	if f, ok := forms.Load(t); ok {
		return f.(*form)
	}
	f := newForm(t, map[reflect.Type]*form{})
	forms.Store(t, f)
	return f
}

func newForm(t reflect.Type, known map[reflect.Type]*form) *form {
	if f := known[t]; f != nil {
		return f
	}
	f := &form{kind: t.Kind(), typ: t}
	known[t] = f
	if t.Implements(binaryMarshaler) && t.Kind() == reflect.Struct {
		f.binary = true
		return f
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !t.Field(i).IsExported() {
				panic(fmt.Sprintf("memo: %s has the field %s, which is not exported", t, t.Field(i).Name))
			}
			f.fields = append(f.fields, newForm(t.Field(i).Type, known))
		}
	case reflect.Pointer, reflect.Slice:
		f.of = newForm(t.Elem(), known)
	case reflect.Array:
		if t.Elem().Kind() != reflect.Uint8 {
			panic(fmt.Sprintf("memo: %s is not an array of bytes", t))
		}
	case reflect.String, reflect.Bool, reflect.Float64, reflect.Int, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint64:
	default:
		panic(fmt.Sprintf("memo: values of %s cannot be kept", t))
	}
	return f
}

type encoder struct {
	out   []byte
	texts map[string]uint64 // strings so far, and their numbers
}

func (e *encoder) uint(n uint64) { e.out = binary.AppendUvarint(e.out, n) }

func (e *encoder) value(f *form, v reflect.Value) {
	if f.binary {
		data, err := v.Interface().(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			panic(fmt.Sprintf("memo: %s: %v", f.typ, err))
		}
		e.text(string(data))
		return
	}
	switch f.kind {
	case reflect.Struct:
		at := len(e.out)
		e.out = append(e.out, make([]byte, (len(f.fields)+7)/8)...)
		for i, field := range f.fields {
			if x := v.Field(i); !x.IsZero() {
				e.out[at+i/8] |= 1 << (i % 8)
				e.value(field, x)
			}
		}
	case reflect.Pointer:
		if v.IsNil() {
			e.out = append(e.out, 0)
			return
		}
		e.out = append(e.out, 1)
		e.value(f.of, v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			e.uint(0)
			return
		}
		e.uint(uint64(v.Len()) + 1)
		for i := range v.Len() {
			e.value(f.of, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			e.out = append(e.out, byte(v.Index(i).Uint()))
		}
	case reflect.String:
		e.text(v.String())
	case reflect.Bool:
		e.uint(map[bool]uint64{true: 1}[v.Bool()])
	case reflect.Float64:
		e.out = binary.LittleEndian.AppendUint64(e.out, math.Float64bits(v.Float()))
	case reflect.Int, reflect.Int64:
		e.out = binary.AppendVarint(e.out, v.Int())
	default:
		e.uint(v.Uint())
	}
}

// text writes the length doubled and the bytes, or the number of an earlier string doubled and one.
func (e *encoder) text(s string) {
	if n, again := e.texts[s]; again {
		e.uint(n<<1 | 1)
		return
	}
	e.texts[s] = uint64(len(e.texts))
	e.uint(uint64(len(s)) << 1)
	e.out = append(e.out, s...)
}

// maxDepth is how deeply values may be nested: more than documents and audiences are.
const maxDepth = 1_000

type decoder struct {
	data   string // what is left
	texts  []string
	depth  int
	failed bool
}

func (d *decoder) fail() {
	d.failed = true
	d.data = ""
}

// bytes takes n bytes; none after a failure.
func (d *decoder) bytes(n uint64) string {
	if n > uint64(len(d.data)) {
		d.fail()
		return ""
	}
	taken := d.data[:n]
	d.data = d.data[n:]
	return taken
}

func (d *decoder) uint() uint64 {
	n := uint64(0)
	for i := 0; i < len(d.data) && i < binary.MaxVarintLen64; i++ {
		b := d.data[i]
		if n |= uint64(b&0x7f) << (7 * i); b < 0x80 {
			d.data = d.data[i+1:]
			return n
		}
	}
	d.fail()
	return 0
}

func (d *decoder) int() int64 {
	n := d.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (d *decoder) text() string {
	n := d.uint()
	if n&1 == 0 {
		s := d.bytes(n >> 1)
		d.texts = append(d.texts, s)
		return s
	}
	if n>>1 >= uint64(len(d.texts)) {
		d.fail()
		return ""
	}
	return d.texts[n>>1]
}

func (d *decoder) value(f *form, v reflect.Value) {
	if d.depth++; d.depth > maxDepth {
		d.fail()
	}
	defer func() { d.depth-- }()
	if d.failed {
		return
	}
	if f.binary {
		data := []byte(d.text())
		if v.Addr().Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(data) != nil {
			d.fail()
		}
		return
	}
	switch f.kind {
	case reflect.Struct:
		set := d.bytes(uint64(len(f.fields)+7) / 8)
		for at := 0; at < len(set); at++ {
			for left := set[at]; left != 0; left &= left - 1 {
				i := at*8 + bits.TrailingZeros8(left)
				if i >= len(f.fields) {
					d.fail()
					return
				}
				d.value(f.fields[i], v.Field(i))
			}
		}
	case reflect.Pointer:
		switch d.bytes(1) {
		case "\x01":
			v.Set(reflect.New(f.of.typ))
			d.value(f.of, v.Elem())
		case "\x00":
		default:
			d.fail()
		}
	case reflect.Slice:
		d.slice(f, v)
	case reflect.Array:
		if s := d.bytes(uint64(v.Len())); s != "" {
			reflect.Copy(v, reflect.ValueOf([]byte(s)))
		}
	case reflect.String:
		v.SetString(d.text())
	case reflect.Bool:
		v.SetBool(d.uint() == 1)
	case reflect.Float64:
		if s := d.bytes(8); s != "" {
			v.SetFloat(math.Float64frombits(binary.LittleEndian.Uint64([]byte(s))))
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(d.int())
	default:
		v.SetUint(d.uint())
	}
}

// slice takes a slice. Every element takes at least a byte, so its length is bounded by what is
// left.
func (d *decoder) slice(f *form, v reflect.Value) {
	n := d.uint()
	if n == 0 {
		return
	}
	if n--; n > uint64(len(d.data)) {
		d.fail()
		return
	}
	v.Set(reflect.MakeSlice(f.typ, int(n), int(n)))
	for i := range int(n) {
		d.value(f.of, v.Index(i))
	}
}
