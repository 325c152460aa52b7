package collector

import (
	"errors"
	"fmt"
	"math"

	"github.com/tinylib/msgp/msgp"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/service"
)

// readPackedExposures reads an event.ExposureBatch from msgpack into d.exposures: the same maps and
// names as in JSON, under the same rules. It returns how many exposures there are. It skips those
// beyond the limit. It does not share readJSONExposures behind an interface, through which the
// functions for each exposure would be allocated.
func readPackedExposures(d *decoder, body []byte) (n int, err error) {
	r, in := &packed{rest: body, text: string(body)}, &d.exposures
	err = r.object("", func(name string) (err error) {
		switch name {
		case "source":
			in.Source, err = r.string(name)
		case "boot":
			in.Boot, err = r.string(name)
		case "exposures":
			n, err = r.array(name, func(i int) error {
				if i >= event.MaxExposures {
					return r.skip()
				}
				in.Exposures = append(in.Exposures, event.Exposure{})
				return r.exposure(&in.Exposures[i])
			})
		default:
			err = r.skip()
		}
		return err
	})
	if err == nil && len(r.rest) > 0 {
		err = errors.New("there is more after the msgpack map")
	}
	return n, err
}

func (r *packed) exposure(x *event.Exposure) error {
	return r.object("", func(name string) (err error) {
		switch name {
		case "seq":
			x.Seq, err = r.uint(name)
		case "time":
			var ms int64
			ms, err = r.int(name)
			x.Time = event.Millis(ms)
		case "experiment":
			x.Experiment, err = r.string(name)
		case "variant":
			x.Variant, err = r.string(name)
		case "phase":
			var phase int64
			phase, err = r.int(name)
			x.Phase = phaseOf(phase)
		case "unit":
			x.Unit, err = r.string(name)
		case "unit_id":
			x.UnitID, err = r.string(name)
		case "revision":
			x.Revision, err = r.uint(name)
		case "override":
			x.Override, err = r.bool(name)
		default:
			err = r.skip()
		}
		return err
	})
}

// packed reads msgpack. Its strings share one copy of the body. A nil counts as a value that is not
// there.
type packed struct {
	rest []byte
	text string // the whole body
}

// maxMembers bounds the names of a map, which are compared with each other.
const maxMembers = 32

// object reads a map. It calls member for each member, which must read the value. Names that are
// not strings, and names that a map has twice, are refused.
func (r *packed) object(path string, member func(name string) error) error {
	if r.null() {
		return nil
	}
	if kind := r.kind(); kind != msgp.MapType {
		return r.wrong(path, "a map", kind)
	}
	size, rest, err := msgp.ReadMapHeaderBytes(r.rest)
	if err != nil {
		return damaged(err)
	}
	if size > maxMembers {
		return service.WrongType(path, fmt.Sprintf("a map of at most %d members", maxMembers), fmt.Sprint(size))
	}
	r.rest = rest
	var seen [maxMembers]string
	for i := range size {
		if kind := r.kind(); kind != msgp.StrType {
			return r.wrong(path, "names that are strings", kind)
		}
		name, err := r.string("")
		if err != nil {
			return err
		}
		for _, earlier := range seen[:i] {
			if earlier == name {
				return service.Within(path, fmt.Errorf("%s: is there twice", name))
			}
		}
		seen[i] = name
		if err := member(name); err != nil {
			return err
		}
	}
	return nil
}

// array reads an array. It calls element for each element, which must read the value. Errors are
// within that element.
func (r *packed) array(path string, element func(i int) error) (n int, err error) {
	if r.null() {
		return 0, nil
	}
	if kind := r.kind(); kind != msgp.ArrayType {
		return 0, r.wrong(path, "an array", kind)
	}
	size, rest, err := msgp.ReadArrayHeaderBytes(r.rest)
	if err != nil {
		return 0, damaged(err)
	}
	r.rest = rest
	for i := range int(size) {
		if err := element(i); err != nil {
			return 0, service.Within(fmt.Sprintf("%s[%d]", path, i), err)
		}
	}
	return int(size), nil
}

func (r *packed) string(path string) (string, error) {
	if r.null() {
		return "", nil
	}
	if kind := r.kind(); kind != msgp.StrType {
		return "", r.wrong(path, "a string", kind)
	}
	text, rest, err := msgp.ReadStringZC(r.rest)
	if err != nil {
		return "", damaged(err)
	}
	r.rest = rest
	end := len(r.text) - len(rest)
	return r.text[end-len(text) : end], nil
}

func (r *packed) uint(path string) (uint64, error) {
	const want = "a whole number, not negative"
	if r.null() {
		return 0, nil
	}
	kind := r.kind()
	if kind != msgp.UintType && kind != msgp.IntType {
		return 0, r.wrong(path, want, kind)
	}
	n, rest, err := msgp.ReadUint64Bytes(r.rest)
	if _, negative := errors.AsType[msgp.UintBelowZero](err); negative {
		return 0, service.WrongType(path, want, "a number")
	}
	if err != nil {
		return 0, damaged(err)
	}
	r.rest = rest
	return n, nil
}

func (r *packed) int(path string) (int64, error) {
	const want = "a whole number"
	if r.null() {
		return 0, nil
	}
	kind := r.kind()
	if kind == msgp.UintType {
		n, err := r.uint(path)
		if err == nil && n > math.MaxInt64 {
			err = service.WrongType(path, want, "a number")
		}
		return int64(n), err
	}
	if kind != msgp.IntType {
		return 0, r.wrong(path, want, kind)
	}
	n, rest, err := msgp.ReadInt64Bytes(r.rest)
	if err != nil {
		return 0, damaged(err)
	}
	r.rest = rest
	return n, nil
}

func (r *packed) bool(path string) (bool, error) {
	if r.null() {
		return false, nil
	}
	if kind := r.kind(); kind != msgp.BoolType {
		return false, r.wrong(path, "true or false", kind)
	}
	value, rest, err := msgp.ReadBoolBytes(r.rest)
	if err != nil {
		return false, damaged(err)
	}
	r.rest = rest
	return value, nil
}

// skip reads any value, however deep. It counts the values that are still to be read instead of
// calling itself. So the client cannot choose the size of the stack, as with msgp.Skip.
func (r *packed) skip() error {
	for left := uint64(1); left > 0; left-- {
		var within uint32
		var err error
		switch r.kind() {
		case msgp.MapType:
			within, r.rest, err = msgp.ReadMapHeaderBytes(r.rest)
			left += 2 * uint64(within)
		case msgp.ArrayType:
			within, r.rest, err = msgp.ReadArrayHeaderBytes(r.rest)
			left += uint64(within)
		default:
			r.rest, err = msgp.Skip(r.rest)
		}
		if err == nil && left-1 > uint64(len(r.rest)) { // a value has at least one byte
			err = msgp.ErrShortBytes
		}
		if err != nil {
			return damaged(err)
		}
	}
	return nil
}

func (r *packed) kind() msgp.Type { return msgp.NextType(r.rest) }

// null reads a nil, if there is one.
func (r *packed) null() bool {
	if r.kind() != msgp.NilType {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// wrong returns why a value of this kind is not what is wanted.
func (r *packed) wrong(path, want string, kind msgp.Type) error {
	got := ""
	switch kind {
	case msgp.InvalidType:
		return damaged(msgp.ErrShortBytes)
	case msgp.MapType:
		got = "a map"
	case msgp.ArrayType:
		got = "an array"
	case msgp.StrType:
		got = "a string"
	case msgp.BinType:
		got = "bytes"
	case msgp.BoolType:
		got = "true or false"
	case msgp.NilType:
		got = "nothing"
	case msgp.IntType, msgp.UintType, msgp.Float32Type, msgp.Float64Type:
		got = "a number"
	default:
		got = "an extension"
	}
	return service.WrongType(path, want, got)
}

// damaged returns an error of msgp for the client.
func damaged(err error) error {
	if errors.Is(err, msgp.ErrShortBytes) {
		return service.WholeBody(errors.New("the body is not valid msgpack: it ends too early"))
	}
	return service.WholeBody(errors.New("the body is not valid msgpack"))
}
