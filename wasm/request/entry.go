package request

// entry is an id or an attribute of a request.
type entry struct {
	name   string
	text   string // of a string
	bits   uint64 // numbers, ints and bools: the encoded value; lists: the index of the first item in Request.items
	size   uint32 // bytes of text when encoded
	items  uint16 // lists: the number of items
	number uint16 // the number of the last name at this position
	kind   uint8
}

// extended returns the entries with one more, which keeps its number from earlier requests.
func extended(entries []entry) []entry {
	if n := len(entries); n < cap(entries) {
		return entries[:n+1]
	}
	return append(entries, entry{})
}

// emptied returns the entries with length zero, and releases their strings.
func emptied(entries []entry) []entry {
	for i := range entries {
		entries[i].name, entries[i].text = "", ""
	}
	return entries[:0]
}
