package bundle

import (
	"fmt"
	"slices"
)

// Vectors adds the vectors. Their texts become the last, and nobody else's: what is
// added afterwards must have no new text.
func (w *PayloadWriter) Vectors(vectors []Vector) {
	requests, records := make([]uint32, len(vectors)), make([]uint32, len(vectors))
	for i, v := range vectors {
		requests[i], records[i] = w.add(string(v.Request)), w.add(string(v.Records))
	}
	Column(w, columnVectorRequest, requests)
	Column(w, columnVectorRecords, records)
}

// Rewrite returns a writer that holds all of the payload but the vectors, for columns to
// be given new values. Written back as it is, with the same vectors, it is the same
// payload.
func (p *Catalog) Rewrite() (*PayloadWriter, error) {
	c := p.reader()
	vectors := slices.Concat(c.u32(columnVectorRequest), c.u32(columnVectorRecords))
	texts := len(p.textEnd) - len(vectors)
	slices.Sort(vectors)
	for i, id := range vectors {
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
		switch name {
		case columnText, columnTextEnd, columnVectorRequest, columnVectorRecords:
		default:
			w.columns = append(w.columns, namedColumn{name, p.columns[name]})
		}
	}
	return w, c.err
}
