package request

import "unsafe"

// label is a name that is compared faster than a string, for which Go calls a function.
type label struct {
	name       string
	head, tail uint64 // the first and the last bytes of the name, see ends
}

func labels(names []string) []label {
	labels := make([]label, len(names))
	for i, name := range names {
		labels[i].name = name
		labels[i].head, labels[i].tail = ends(name)
	}
	return labels
}

// ends returns the first and the last bytes of a string. They overlap if it is shorter than two
// words: then strings of one length are equal if their ends are.
func ends(s string) (head, tail uint64) {
	p, n := unsafe.Pointer(unsafe.StringData(s)), len(s)
	switch {
	case n >= word:
		return load64(p), load64(unsafe.Add(p, n-word))
	case n >= word/2:
		return uint64(load32(p)), uint64(load32(unsafe.Add(p, n-word/2)))
	case n > 0:
		return uint64(s[0]) | uint64(s[n/2])<<8, uint64(s[n-1])
	}
	return 0, 0
}

// numbered reports whether each entry has the name of its number. Mostly each does, because most
// requests have the same names as the previous one, in the same order.
func numbered(entries []entry, labels []label) bool {
	for i := range entries {
		e := &entries[i]
		if int(e.number) >= len(labels) {
			return false
		}
		l := &labels[e.number]
		p, n := unsafe.Pointer(unsafe.StringData(e.name)), len(e.name)
		if n != len(l.name) {
			return false
		}
		var head, tail uint64 // as ends has them, without a call
		switch {
		case n >= word:
			head, tail = load64(p), load64(unsafe.Add(p, n-word))
		case n >= word/2:
			head, tail = uint64(load32(p)), uint64(load32(unsafe.Add(p, n-word/2)))
		case n > 0:
			head, tail = ends(e.name)
		}
		if head != l.head || tail != l.tail || n > 2*word && e.name != l.name {
			return false
		}
	}
	return true
}
