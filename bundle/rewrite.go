package bundle

import (
	"fmt"
	"slices"
)

// Rewrite returns a writer that holds all of the payload but the vectors, for columns to
// be given new values. Written back as it is, with the same vectors, it is the same
// payload.
func (p *Catalog) Rewrite() (*PayloadWriter, error) {
	c := p.reader()
	requests := c.u32(columnVectorRequest)
	texts := len(p.textEnd) - len(requests)
	for i, id := range requests {
		if int(id) != texts+i && c.err == nil {
			c.err = fmt.Errorf("%w: the last texts are not those of the vectors", ErrFormat)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	w := &PayloadWriter{Environment: p.environment}
	for id := range texts {
		w.add(c.string(uint32(id)))
	}
	for _, name := range p.order {
		if name != columnText && name != columnTextEnd && !slices.Contains(vectorColumns, name) {
			w.columns = append(w.columns, namedColumn{name, p.columns[name]})
		}
	}
	return w, c.err
}
