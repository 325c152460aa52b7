package audit_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
)

// TestRewritten is what a holder of the key can do: sign another past.
func TestRewritten(t *testing.T) {
	for from := uint64(1); from <= size; from++ {
		s := newSite(t, size)
		before, now := s.head(max(from-1, 1)), s.head(size)
		s.last = nil
		if from > 1 {
			s.last = must(audit.ParseEntry(s.read(s.entryName(from - 1))))
		}
		r := s.leaf(from)
		r.Actor = "mallory"
		s.publish(r)
		for len(s.named) <= size {
			s.append()
		}
		s.mustFind(t, nil)
		s.mustFind(t, []audit.Head{now}, fmt.Sprintf("rewritten 1-%d", size))
		if from > 1 {
			s.mustFind(t, []audit.Head{before})
		}
		_, err := s.log().ProveConsistency(t.Context(), now)
		if p, ok := errors.AsType[*audit.Problem](err); !ok || p.Fault != audit.Rewritten {
			t.Errorf("the proof: %v", err)
		}
	}
}

// TestContradictions is what a holder of the key can sign that does not agree.
func TestContradictions(t *testing.T) {
	entryOf := func(s *site, revision uint64) *audit.Entry {
		return must(audit.ParseEntry(s.read(s.entryName(revision))))
	}
	// replace signs a manifest for another entry of a revision.
	replace := func(s *site, e *audit.Entry) {
		s.put(bundle.AuditName(e.Name()), e.Encode())
		m := *s.named[e.Leaf.Revision]
		m.AuditHead = e.Head()
		s.named[e.Leaf.Revision] = &m
		s.sign(m)
	}
	for _, c := range []struct {
		name   string
		mangle func(*site)
		want   []uint64 // the revisions whose entries contradict
	}{
		{"an entry is another: the next does not follow it", func(s *site) {
			e := entryOf(s, 5)
			e.Leaf.Action = "rollback"
			replace(s, e)
		}, []uint64{6}},
		{"an entry that follows another", func(s *site) {
			e := entryOf(s, size)
			e.Leaf.Previous = bundle.Hash{1}
			replace(s, e)
		}, []uint64{size}},
		{"the first follows one", func(s *site) {
			e := entryOf(s, 1)
			e.Leaf.Previous = bundle.Hash{1}
			replace(s, e)
		}, []uint64{1, 2}},
		{"a tree that is another", func(s *site) {
			e := entryOf(s, size)
			e.Proof[0][0] ^= 1
			replace(s, e)
		}, []uint64{size}},
		{"another root document", func(s *site) {
			e := entryOf(s, size)
			e.Leaf.Root.SHA256 = bundle.Hash{1}
			replace(s, e)
		}, []uint64{size}},
		{"back to an older root document", func(s *site) {
			s.nextEpoch(size)
			s.append()
			r := s.leaf(size + 2)
			r.Root = audit.RefOf(s.chain.Roots()[0])
			s.publish(r)
		}, []uint64{size + 2}},
		{"no entry", func(s *site) {
			m := *s.named[size]
			data := []byte(`{"leaf":{}}`)
			m.AuditHead.Entry = bundle.HashOf(data)
			s.put(bundle.AuditName(m.AuditHead.Entry), data)
			s.named[size] = &m
			s.sign(m)
		}, []uint64{size}},
		{"the head of another revision", func(s *site) {
			m := *s.named[size]
			m.AuditHead = s.named[size-1].AuditHead
			s.named[size] = &m
			s.sign(m)
		}, []uint64{size}},
		{"another root of the tree", func(s *site) {
			m := *s.named[size]
			m.AuditHead.Root = bundle.Hash{1}
			s.sign(m)
		}, []uint64{size}},
		{"another author", func(s *site) { m := *s.named[size]; m.Author = "bob"; s.sign(m) }, []uint64{size}},
		{"another message", func(s *site) { m := *s.named[size]; m.Message = "no"; s.sign(m) }, []uint64{size}},
		{"another time", func(s *site) { m := *s.named[size]; m.Created = began; s.sign(m) }, []uint64{size}},
		{"another payload", func(s *site) { m := *s.named[size]; m.Payload.Raw.SHA256 = bundle.Hash{1}; s.sign(m) }, []uint64{size}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, size)
			c.mangle(s)
			var want []string
			for _, revision := range c.want {
				want = append(want, fmt.Sprintf("contradictory %d-%d %s", revision, revision, s.entryName(revision)))
			}
			s.mustFind(t, nil, want...)
		})
	}
	t.Run("another environment", func(t *testing.T) {
		s := newSite(t, size)
		m := *s.named[4]
		m.Environment = "staging"
		s.sign(m)
		s.mustFind(t, nil, "misplaced 4-4 "+m.Name())
	})
}

// TestEpochs begins a new epoch after a thief went on with the old one.
func TestEpochs(t *testing.T) {
	s := newSite(t, size)
	thief, honest := s.head(size), s.head(7)
	s.nextEpoch(7)
	s.mustFind(t, []audit.Head{honest})
	for range 3 {
		s.append()
	}
	r := s.mustFind(t, []audit.Head{honest, thief, s.head(9)})
	if *r.Head != s.head(10) || r.Entries != 10 || !slices.Equal(r.Revoked, []audit.Head{thief}) {
		t.Errorf("%+v", r)
	}
	if _, err := s.log().ProveConsistency(t.Context(), thief); !errors.Is(err, audit.ErrRevoked) {
		t.Errorf("consistency with the thief's: %v", err)
	}
	if _, err := s.log().ProveConsistency(t.Context(), honest); err != nil {
		t.Error(err)
	}
	if _, err := s.log().ProveInclusion(t.Context(), 3); err != nil {
		t.Error(err)
	}
	now, chain := s.head(10), s.chain
	t.Run("the new root is hidden", func(t *testing.T) {
		s.chain = bundle.NewChain(chain.Roots()[0])
		s.mustFind(t, []audit.Head{now}, "missing 10-10")
	})
	t.Run("the old root is hidden", func(t *testing.T) {
		s.chain = bundle.NewChain(chain.Roots()[1])
		s.mustFind(t, []audit.Head{now}, "missing 1-7 root/1.json")
	})
}

// What the store says of itself is no finding.
