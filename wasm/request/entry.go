package request

import "github.com/sortition-dev/sortition/wasm/assign"

// entry is an id or an attribute of a request.
type entry struct {
	name   string
	text   string // of a string
	head   uint64 // the first word of the encoded value, without the number
	bits   uint64 // numbers, ints and bools: the second word; lists: the index of the first item in Request.items
	items  uint16 // lists: the number of items
	number uint16 // the number of the last name at this position
}

// The head of an encoded value has the number in its lowest 16 bits.
const (
	kindShift = 16
	sizeShift = 32

	stringHead = assign.KindString << kindShift
	listHead   = assign.KindList << kindShift
	kindMask   = 0xff << kindShift
)

// larger returns full entries with more capacity, at most limit.
func larger(entries []entry, limit int) []entry {
	return append(make([]entry, 0, min(max(2*cap(entries), firstEntries), limit)), entries...)
}

// firstEntries is the capacity of the first entries.
const firstEntries = 4

// emptied returns the entries with length zero. They keep their numbers, and release their strings.
func emptied(entries []entry) []entry {
	for i := range entries {
		entries[i].name, entries[i].text = "", ""
	}
	return entries[:0]
}
