package control

import (
	"context"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/declaration"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// Past is one revision of the past.
type Past struct {
	Revision  uint64       `json:"revision"`
	Epoch     uint64       `json:"epoch"`
	Time      time.Time    `json:"time"`
	Action    audit.Action `json:"action"`
	Actor     string       `json:"actor"`
	Message   string       `json:"message"`
	Payload   bundle.Hash  `json:"payload"`
	Overrides []string     `json:"overrides"`

	// From is the revision of another environment that was promoted; null for all other actions.
	From *audit.Origin `json:"from"`

	// Base is the revision of another environment whose allocations the payload continues; null if
	// it continues those of its own.
	Base *audit.Origin `json:"base"`

	// Changes are those of the directory since the revision before; null if one of the two
	// declarations is gone.
	Changes []declaration.Change `json:"changes"`
}

// History lists the newest revisions, newest first: at most limit of them, or all if limit is 0.
func (w *Workspace) History(ctx context.Context, limit int) ([]Past, error) {
	log, r, err := w.auditLog(ctx, limit)
	if err != nil {
		return nil, err
	}
	var entries []*audit.Entry
	for e, err := range log.Backward(ctx) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
		if limit > 0 && len(entries) > limit {
			break // one more, to compare with
		}
	}
	declarations := declarations{source: r.store, known: map[bundle.Hash]*declaration.Declaration{}}
	past := []Past{}
	for i, e := range entries {
		if limit > 0 && i == limit {
			break
		}
		x := Past{
			Revision: e.Leaf.Revision, Epoch: e.Leaf.Epoch, Time: e.Leaf.Time, Action: e.Leaf.Action,
			Actor: e.Leaf.Actor, Message: e.Leaf.Message, Payload: e.Leaf.Payload, Overrides: e.Leaf.Overrides,
			From: e.Leaf.From, Base: e.Leaf.Base,
		}
		var before bundle.Hash
		if i+1 < len(entries) {
			before = entries[i+1].Leaf.Declaration
		}
		if x.Changes, err = declarations.compare(ctx, before, e.Leaf.Declaration, e.Leaf.Revision == 1); err != nil {
			return nil, err
		}
		past = append(past, x)
	}
	return past, nil
}

// auditLog opens the log as of the newest revision.
func (w *Workspace) auditLog(ctx context.Context, limit int) (*audit.Log, *remote, error) {
	if limit < 0 {
		return nil, nil, invalid("limit", "must not be negative")
	}
	r, err := w.remote(ctx, config.LoadTarget)
	if err != nil {
		return nil, nil, err
	}
	newest, chain, err := r.newest(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &audit.Log{Source: r.store, Chain: chain, Environment: r.project.Environment, Newest: newest}, r, nil
}

// declarations reads declarations, each once.
type declarations struct {
	source bundle.Source
	known  map[bundle.Hash]*declaration.Declaration // nil for one that is gone
}

// compare says what changed between two declarations; nil if one of them is gone. The first
// revision has none before it.
func (d *declarations) compare(ctx context.Context, before, after bundle.Hash, first bool) ([]declaration.Change, error) {
	if before == after {
		return []declaration.Change{}, nil
	}
	b, err := d.read(ctx, before)
	if err != nil {
		return nil, err
	}
	a, err := d.read(ctx, after)
	if err != nil || a == nil || b == nil && !first {
		return nil, err
	}
	return declaration.Compare(b, a), nil
}

func (d *declarations) read(ctx context.Context, hash bundle.Hash) (*declaration.Declaration, error) {
	if r, known := d.known[hash]; known || hash == (bundle.Hash{}) {
		return r, nil
	}
	r, err := revision.ReadDeclaration(ctx, d.source, hash)
	d.known[hash] = r
	return r, err
}
