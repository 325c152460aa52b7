package payload

import (
	"fmt"
	"slices"
)

// Texts returns the strings of the payload, by their numbers, without those of the vectors,
// which are the last.
func (r *Reader) Texts() ([]string, error) {
	c := r.columnReader()
	requests := c.u32(columnVectorRequest)
	texts := make([]string, max(0, len(r.textEnd)-len(requests)))
	for i, id := range requests {
		if int(id) != len(texts)+i && c.err == nil {
			c.err = fmt.Errorf("%w: the last texts are not those of the vectors", ErrFormat)
		}
	}
	for id := range texts {
		texts[id] = c.string(uint32(id))
	}
	return texts, c.err
}

// Texts returns the strings that Text was called with so far, in the order of the first calls.
func (w *Writer) Texts() []string {
	texts := make([]string, len(w.asked))
	for i, id := range w.asked {
		from := uint32(0)
		if id > 0 {
			from = w.textEnd[id-1]
		}
		texts[i] = string(w.text[from:w.textEnd[id]])
	}
	return texts
}

// Rewrite returns a writer with the strings and columns of the payload but those of the
// vectors, so that columns can get new values. If nothing changes and the same vectors are
// added, it writes the same payload.
func (r *Reader) Rewrite() (*Writer, error) {
	texts, err := r.Texts()
	if err != nil {
		return nil, err
	}
	w := &Writer{}
	w.Reserve(texts)
	for _, name := range r.order {
		if name != columnText && name != columnTextEnd && !slices.Contains(vectorColumns, name) {
			w.columns = append(w.columns, namedColumn{name, r.columns[name]})
		}
	}
	return w, nil
}
