// Package requesttest reads encoded requests back, for tests of what writes them.
//
// This package is internal to Sortition and may change without notice.
package requesttest

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Content is what a request says.
type Content struct {
	Now        int64
	Units      map[string]string
	Attributes map[string]any // string, float64, int64, bool or []string
}

// Read encodes a request for a program that has these unit types and attributes, and
// reads what has been encoded.
func Read(r *request.Request, units, attributes []string) (Content, error) {
	b, err := r.Encode(request.NewNames(units, attributes, false))
	if err != nil {
		return Content{}, err
	}
	c := Content{int64(binary.LittleEndian.Uint64(b)), map[string]string{}, map[string]any{}}
	at := assign.RequestHeader
	for range binary.LittleEndian.Uint32(b[8:]) {
		name, value, err := read(b, at, units)
		id, ok := value.(string)
		if err != nil || !ok {
			return c, fmt.Errorf("unit at %d: %v, %v", at, value, err)
		}
		c.Units[name] = id
		at += assign.ValueSize
	}
	for range binary.LittleEndian.Uint32(b[12:]) {
		name, value, err := read(b, at, attributes)
		if err != nil {
			return c, fmt.Errorf("attribute at %d: %w", at, err)
		}
		c.Attributes[name] = value
		at += assign.ValueSize
	}
	return c, nil
}

func read(b []byte, at int, names []string) (name string, value any, err error) {
	name = names[binary.LittleEndian.Uint16(b[at:])]
	length, bits := binary.LittleEndian.Uint32(b[at+4:]), binary.LittleEndian.Uint64(b[at+8:])
	switch kind := binary.LittleEndian.Uint16(b[at+2:]); kind {
	case assign.KindString:
		return name, string(b[bits:][:length]), nil
	case assign.KindNumber:
		return name, math.Float64frombits(bits), nil
	case assign.KindInt:
		return name, int64(bits), nil
	case assign.KindBool:
		return name, bits == 1, nil
	case assign.KindList:
		items := []string{}
		for text := b[bits:][:length]; len(text) > 0; {
			end := assign.ItemHeader + int(binary.LittleEndian.Uint16(text))
			items = append(items, string(text[assign.ItemHeader:end]))
			text = text[end:]
		}
		return name, items, nil
	default:
		return name, nil, fmt.Errorf("kind %d", kind)
	}
}
