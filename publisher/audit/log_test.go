package audit_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
)

const environment = "test"

var began = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// site is a bucket with a log, and the keys that made it.
type site struct {
	*storetest.Memory
	key   *bundle.PrivateKey
	chain *bundle.Chain
	last  *audit.Entry
	named []*bundle.Manifest // by revision, from 1
}

// newSite has as many revisions in its first epoch.
func newSite(t testing.TB, revisions int) *site {
	t.Helper()
	key := bundle.KeyFromSeed([32]byte{1})
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	s := &site{Memory: storetest.NewMemory(), key: key, named: []*bundle.Manifest{nil}}
	envelope := must(bundle.SignRoot(bundle.NewRoot(1, 1, began, began.AddDate(1, 0, 0), holders, holders), key))
	s.chain = bundle.NewChain(must(bundle.ParseRoot(envelope)))
	s.put(bundle.RootName(1), envelope)
	for range revisions {
		s.append()
	}
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (s *site) put(name string, data []byte) {
	if err := s.Put(context.Background(), name, data); err != nil {
		panic(err)
	}
}

func (s *site) read(name string) []byte {
	return must(s.Get(context.Background(), name, "", 1<<20)).Data
}

// leaf is what the site publishes as that revision.
func (s *site) leaf(revision uint64) audit.Leaf {
	return audit.Leaf{
		Time: began.Add(time.Duration(revision) * time.Minute), Action: audit.Publish, Actor: "ann",
		Message: fmt.Sprintf("change <%d>", revision), Environment: environment,
		Epoch: s.chain.Root().Epoch, Revision: revision, Payload: bundle.HashOf([]byte{byte(revision)}),
		Root: audit.RefOf(s.chain.Root()),
	}
}

// append publishes the next revision.
func (s *site) append() {
	revision := uint64(1)
	if s.last != nil {
		revision = s.last.Leaf.Revision + 1
	}
	s.publish(s.leaf(revision))
}

// publish publishes the leaf as what follows the last entry.
func (s *site) publish(r audit.Leaf) {
	s.last = must(audit.Append(s.last, r))
	s.put(bundle.AuditName(s.last.Name()), s.last.Encode())
	m := manifestOf(r, s.last.Head())
	s.put(m.Name(), must(bundle.SignManifest(m, s.key)))
	s.put(bundle.LatestName, must(bundle.SignManifest(m, s.key)))
	s.named = append(s.named[:r.Revision], &m)
}

func manifestOf(r audit.Leaf, head bundle.AuditHead) bundle.Manifest {
	any := bundle.Digest{Size: 1}
	return bundle.Manifest{
		Environment: r.Environment, Epoch: r.Epoch, Revision: r.Revision, Created: r.Time, Expires: r.Time.Add(time.Hour),
		Payload:       bundle.Payload{Raw: bundle.Digest{SHA256: r.Payload, Size: 1}, Gzip: any, Zstd: any},
		MinimumSchema: 1, Core: bundle.Core{Size: 1, ABI: 1}, AuditHead: head, Author: r.Actor, Message: r.Message,
	}
}

// nextEpoch begins an epoch after a revision.
func (s *site) nextEpoch(base uint64) {
	root := s.chain.Root()
	holders := root.Holders(root.Roles.Root)
	next := root.Next(began, began.AddDate(1, 0, 0), holders, holders)
	next.Epoch, next.Base = root.Epoch+1, base
	envelope := must(bundle.SignRoot(next, s.key))
	s.chain = must(s.chain.Extend(envelope))
	s.put(bundle.RootName(next.Version), envelope)
	s.named = s.named[:base+1]
	s.last = must(audit.ParseEntry(s.read(s.entryName(base))))
}

func (s *site) entryName(revision uint64) string {
	return bundle.AuditName(s.named[revision].AuditHead.Entry)
}

func (s *site) log() *audit.Log {
	return &audit.Log{Source: s, Chain: s.chain, Environment: environment, Newest: s.named[len(s.named)-1]}
}

func (s *site) head(revision uint64) audit.Head { return audit.HeadOf(s.named[revision]) }

// TestTree compares the heads and proofs of logs of every small size with those of
// package tlog, which is given all leaves.
func TestTree(t *testing.T) {
	const sizes = 70
	s := newSite(t, 0)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, i := range indexes {
			hashes = append(hashes, stored[i])
		}
		return hashes, nil
	})
	for n := range int64(sizes) {
		s.append()
		object := string(s.last.Encode())
		// The leaf is hashed as it stands in the object.
		from, to := len(`{"leaf":`), len(object)-len(`,"proof":[]}`)
		if len(s.last.Proof) > 0 {
			to -= 67*len(s.last.Proof) - 1
		}
		stored = append(stored, must(tlog.StoredHashes(n, []byte(object[from:to]), reader))...)
		want := must(tlog.TreeHash(n+1, reader))
		if got := s.last.Head().Root; got != bundle.Hash(want) {
			t.Fatalf("the tree of %d entries has the root %s, want %s", n+1, got, want)
		}
		if got := must(audit.ParseEntry(s.last.Encode())); !slices.Equal(got.Encode(), s.last.Encode()) {
			t.Fatalf("entry %d is read as %s", n+1, got.Encode())
		}
	}
	ctx := t.Context()
	for revision := uint64(1); revision <= sizes; revision++ {
		inclusion, err := s.log().ProveInclusion(ctx, revision)
		if err != nil {
			t.Fatal(err)
		}
		want := must(tlog.ProveRecord(sizes, int64(revision-1), reader))
		if inclusion.Check() != nil || len(inclusion.Proof) != len(want) {
			t.Errorf("inclusion of revision %d: %+v", revision, inclusion)
		}
		proof, err := s.log().ProveConsistency(ctx, s.head(revision))
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckConsistency(proof, s.head(revision), s.head(sizes)); err != nil {
			t.Error(err)
		}
	}
}
