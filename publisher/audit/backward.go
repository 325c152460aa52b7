package audit

import (
	"context"
	"iter"
)

// Backward yields the entries from the newest to the first. Each entry proves the previous one:
// its bytes and its tree. Backward stops after an error. Errors are those
// of [Log.Entry].
func (l *Log) Backward(ctx context.Context) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		if l.Newest == nil {
			return
		}
		e, err := ReadEntry(ctx, l.Source, l.Newest)
		for yield(e, err) && err == nil && e.Leaf.Revision > 1 {
			e, err = l.before(ctx, e)
		}
	}
}

// before reads the previous entry.
func (l *Log) before(ctx context.Context, after *Entry) (*Entry, error) {
	revision := after.Leaf.Revision - 1
	e, name, err := readObject(ctx, l.Source, revision, after.Leaf.Previous)
	if err == nil && (e.Leaf.Revision != revision || e.Head().Root != after.before()) {
		return nil, problem(Contradictory, revision, name, "it is not the entry that the next entry continues")
	}
	return e, err
}
