package request

// entry is an id or an attribute of a request.
type entry struct {
	name   string
	text   string // of a string
	bits   uint64 // numbers, ints and bools as they are encoded; lists: the first of Request.items
	size   uint32 // bytes of text when encoded
	items  uint16 // lists: how many
	number uint16 // the number that the name in this place had last
	kind   uint8
}

// extended has one entry more, which keeps its number of earlier requests.
func extended(entries []entry) []entry {
	if n := len(entries); n < cap(entries) {
		return entries[:n+1]
	}
	return append(entries, entry{})
}

// emptied has no entries, and lets go of their strings.
func emptied(entries []entry) []entry {
	for i := range entries {
		entries[i].name, entries[i].text = "", ""
	}
	return entries[:0]
}
