package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/sortition-dev/sortition/bundle"
)

// Errors of proofs.
var (
	// ErrProof is the error for an invalid proof.
	ErrProof = errors.New("the proof is wrong")
	// ErrRevoked is the error for a head of revisions that a later epoch revoked, for
	// example after the theft of a key.
	ErrRevoked = errors.New("the head belongs to revoked revisions")
)

// Inclusion is a proof that a leaf is in the log of a head (RFC 6962, section 2.1.1).
type Inclusion struct {
	Head     Head          `json:"head"`
	Leaf     Leaf          `json:"leaf"`
	Index    uint64        `json:"index"` // of the leaf, from 0
	LeafHash bundle.Hash   `json:"leaf_hash"`
	Proof    []bundle.Hash `json:"proof"` // from the leaf to the root
}

// ProveInclusion returns a proof that the entry of a revision is in the log. It reads as many
// entries as the proof has hashes. Errors are those of [Log.Entry], and [ErrProof] if entries
// contradict each other.
func (l *Log) ProveInclusion(ctx context.Context, revision uint64) (*Inclusion, error) {
	e, err := l.Entry(ctx, revision)
	if err != nil {
		return nil, err
	}
	proof, err := tlog.ProveRecord(int64(l.Newest.Revision), int64(e.index()), l.hashes(ctx))
	if err != nil {
		return nil, err
	}
	i := &Inclusion{l.Head(), e.Leaf, e.index(), bundle.Hash(e.leafHash()), fromTree(proof)}
	return i, i.Check()
}

// Check verifies the proof. The error is [ErrProof].
func (i *Inclusion) Check() error {
	leaf := tlog.RecordHash(encode(&i.Leaf))
	err := tlog.CheckRecord(tlog.RecordProof(toTree(i.Proof)), int64(i.Head.Revision), tlog.Hash(i.Head.Root), int64(i.Index), leaf)
	if err != nil || i.LeafHash != bundle.Hash(leaf) || i.Index != i.Leaf.Revision-1 {
		return fmt.Errorf("%w: it does not show that the leaf of revision %d is in %s", ErrProof, i.Leaf.Revision, i.Head)
	}
	return nil
}

// ProveConsistency returns a proof that the log continues the log of an earlier head: no entry was
// changed, removed or moved (RFC 6962, section 2.1.2). It reads as many entries as the proof has
// hashes. Errors are [ErrRevoked] and those of [Log.Entry].
func (l *Log) ProveConsistency(ctx context.Context, earlier Head) ([]bundle.Hash, error) {
	now := l.Head()
	if err := checkSeen(l.Chain, earlier, now.Revision); err != nil {
		return nil, err
	}
	hashes, err := tlog.ProveTree(int64(now.Revision), int64(earlier.Revision), l.hashes(ctx))
	if err != nil {
		return nil, err
	}
	proof := fromTree(hashes)
	if err := CheckConsistency(proof, earlier, now); err != nil {
		return nil, rewritten(earlier)
	}
	return proof, nil
}

// checkSeen checks whether a head that was seen can belong to a log whose newest revision is
// newest. The error is a [*Problem] or [ErrRevoked].
func checkSeen(chain *bundle.Chain, seen Head, newest uint64) error {
	switch epoch := chain.EpochOf(seen.Revision); {
	case epoch > seen.Epoch:
		return fmt.Errorf("%w: %s is after the last valid revision of epoch %d", ErrRevoked, seen, seen.Epoch)
	case epoch < seen.Epoch:
		return problem(Missing, seen.Revision, "", "the head %s was seen before, but the roots end with epoch %d", seen, chain.Root().Epoch)
	case seen.Revision > newest:
		return &Problem{Missing, newest + 1, seen.Revision, "", fmt.Sprintf("the log was truncated: the head %s was seen before", seen)}
	}
	return nil
}

func rewritten(seen Head) *Problem {
	return &Problem{Rewritten, 1, seen.Revision, "", fmt.Sprintf("one or more of these entries have changed since the head %s was seen", seen)}
}

// CheckConsistency verifies a proof that the log of a later head continues that of an earlier
// one. The error is [ErrProof].
func CheckConsistency(proof []bundle.Hash, earlier, later Head) error {
	err := tlog.CheckTree(tlog.TreeProof(toTree(proof)), int64(later.Revision), tlog.Hash(later.Root), int64(earlier.Revision), tlog.Hash(earlier.Root))
	if err != nil {
		return fmt.Errorf("%w: it does not show that %s continues %s", ErrProof, later, earlier)
	}
	return nil
}

func fromTree(hashes []tlog.Hash) []bundle.Hash {
	list := make([]bundle.Hash, len(hashes))
	for i, h := range hashes {
		list[i] = bundle.Hash(h)
	}
	return list
}

func toTree(hashes []bundle.Hash) []tlog.Hash {
	list := make([]tlog.Hash, len(hashes))
	for i, h := range hashes {
		list[i] = tlog.Hash(h)
	}
	return list
}
