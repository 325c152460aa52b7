package request

import (
	"encoding/binary"
	"unsafe"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// writer writes the values of an encoded request, and their texts, for which b has room.
type writer struct {
	b        []byte
	at, text int // the offsets of the next value and text
}

// writeKnown writes the entries whose names have a number, and returns how many there are. Find
// sets the number of an entry, and reports whether there is one.
func (w *writer) writeKnown(entries []entry, labels []label, find func(*entry) bool, items []string) (known int) {
	for i := range entries {
		if one := entries[i:][:1]; numbered(one, labels) || find(&one[0]) {
			w.write(one, items)
			known++
		}
	}
	return known
}

// write writes entries. It uses pointers, and copies short texts by two stores that may overlap:
// slices and calls would double what it takes.
func (w *writer) write(entries []entry, items []string) {
	base := unsafe.Pointer(unsafe.SliceData(w.b))
	at, text := w.at, w.text
	for i := range entries {
		e := &entries[i]
		bits := e.bits
		switch e.head & kindMask {
		case stringHead:
			bits = uint64(text)
			if n := len(e.text); n > 2*word {
				copy(w.b[text:], e.text)
			} else if n > 0 {
				from, to := unsafe.Pointer(unsafe.StringData(e.text)), unsafe.Add(base, text)
				switch {
				case n >= word:
					store64(to, load64(from))
					store64(unsafe.Add(to, n-word), load64(unsafe.Add(from, n-word)))
				case n >= word/2:
					store32(to, load32(from))
					store32(unsafe.Add(to, n-word/2), load32(unsafe.Add(from, n-word/2)))
				default:
					*(*byte)(to) = *(*byte)(from)
					*(*byte)(unsafe.Add(to, n/2)) = *(*byte)(unsafe.Add(from, n/2))
					*(*byte)(unsafe.Add(to, n-1)) = *(*byte)(unsafe.Add(from, n-1))
				}
			}
			text += len(e.text)
		case listHead:
			bits = uint64(text)
			text = w.list(text, items[e.bits:][:e.items])
		}
		value := unsafe.Add(base, at)
		store64(value, e.head|uint64(e.number))
		store64(unsafe.Add(value, word), bits)
		at += assign.ValueSize
	}
	w.at, w.text = at, text
}

// list writes a list at an offset, and returns the offset after it.
func (w *writer) list(at int, items []string) int {
	for _, item := range items {
		binary.LittleEndian.PutUint16(w.b[at:], uint16(len(item)))
		at += assign.ItemHeader
		at += copy(w.b[at:], item)
	}
	return at
}

// word is the number of bytes that are compared and copied at once.
const word = 8

func load32(p unsafe.Pointer) uint32 { return binary.LittleEndian.Uint32((*[word / 2]byte)(p)[:]) }

func load64(p unsafe.Pointer) uint64 { return binary.LittleEndian.Uint64((*[word]byte)(p)[:]) }

func store32(p unsafe.Pointer, v uint32) {
	binary.LittleEndian.PutUint32((*[word / 2]byte)(p)[:], v)
}

func store64(p unsafe.Pointer, v uint64) {
	binary.LittleEndian.PutUint64((*[word]byte)(p)[:], v)
}
