package publish

import (
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// TestEachAttemptIsBuiltAnew loses the first attempt to another publisher. What was built
// for it must not be in the revision of the second.
func TestEachAttemptIsBuiltAnew(t *testing.T) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, 1)
	other := newPublication(t, s, 1)
	other.Author = "another"
	attempts := 0
	p.Build = func(live *revision.Revision) (*Built, error) {
		b, err := oneMore(live)
		if attempts++; attempts == 1 {
			mustPublish(t, other)
			b.Declaration, b.Base = []byte("of the first"), OriginOf("production", live)
			b.From, b.Withdraws, b.Overrides = OriginOf("staging", live), true, []string{"of the first"}
		}
		return b, err
	}
	m := mustPublish(t, p)
	entry, err := audit.ReadEntry(t.Context(), s, m)
	if err != nil {
		t.Fatal(err)
	}
	l := entry.Leaf
	if attempts != 2 || m.Revision != 3 || l.Base != nil || l.From != nil || len(l.Overrides) != 0 || len(l.Withdrawn) != 0 || l.Declaration != (bundle.Hash{}) {
		t.Errorf("attempt %d published revision %d: %+v", attempts, m.Revision, l)
	}
}
