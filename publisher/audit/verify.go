package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
)

// Limits of a verification.
const (
	// maxRevisions is the largest number of revisions: one a minute for two years.
	maxRevisions = 1 << 20
	// maxProblems is the largest number of problems in a report.
	maxProblems = 1_000
	// batch is the number of revisions that are read before they are linked.
	batch = 256
)

// Report is the result of a verification.
type Report struct {
	Head     *Head      `json:"head"`    // of the newest intact revision; null if there is none
	Entries  uint64     `json:"entries"` // number of intact entries in the right place
	Problems []*Problem `json:"problems"`
	// Revoked are the seen heads whose revisions were revoked.
	Revoked []Head `json:"revoked"`
}

// Verify reads the whole log and the declarations that it names. It finds every object that was
// edited, deleted or exchanged. It finds a truncated end if other objects in the bucket, or a
// head that was seen before, are evidence of it. With a head that was seen before, it also finds
// a rewritten past. The error is about access to the store, never about its contents.
func Verify(ctx context.Context, s store.Store, chain *bundle.Chain, environment string, seen ...Head) (*Report, error) {
	v := &verification{
		store: s, chain: chain, environment: environment,
		report: Report{Problems: []*Problem{}, Revoked: []Head{}}, roots: map[uint64]bundle.Hash{},
		entries: map[string]bool{}, declarations: map[bundle.Hash]bool{},
	}
	for _, h := range seen {
		v.roots[h.Revision] = bundle.Hash{}
	}
	v.checkChain()
	revisions, err := v.list(ctx)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(revisions, batch) {
		if err := v.readAll(ctx, part); err != nil {
			return nil, err
		}
	}
	v.compareSeen(seen)
	if err := v.lookBeyond(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(v.report.Problems, func(a, b *Problem) int { return cmp.Compare(a.First, b.First) })
	return &v.report, nil
}

type verification struct {
	store       store.Store
	chain       *bundle.Chain
	environment string
	report      Report

	last    revision   // the revision before the next to link
	end     uint64     // the last signed revision, or a later one with evidence
	pending []*Problem // problems after the last signed revision
	roots   map[uint64]bundle.Hash

	entries      map[string]bool      // names of the entries that manifests name
	declarations map[bundle.Hash]bool // those already read
	beyond       trace
}

// revision is a revision with its manifest and entry, or with the problem if it is not intact.
type revision struct {
	number   uint64
	manifest *bundle.Manifest
	entry    *Entry
	problem  *Problem
}

// checkChain adds a problem if the chain lacks the roots to verify the first revisions.
func (v *verification) checkChain() {
	if first := v.chain.Roots()[0]; first.Version > 1 {
		v.note(&Problem{Missing, 1, max(first.Base, 1), bundle.RootName(first.Version - 1),
			"without it, revisions that were signed under earlier roots cannot be verified"})
		v.last.number, v.end = first.Base, first.Base
	}
}

// list returns the revisions for which there is an object with the name of a manifest, ascending.
func (v *verification) list(ctx context.Context) ([]uint64, error) {
	var revisions []uint64
	roots := v.chain.Roots()
	for i, root := range roots {
		if i > 0 && roots[i-1].Epoch == root.Epoch {
			continue
		}
		prefix := strings.TrimSuffix(bundle.ManifestName(root.Epoch, 0), "0.json")
		for e, err := range v.store.List(ctx, prefix) {
			if err != nil {
				return nil, fmt.Errorf("list %s: %w", prefix, err)
			}
			n, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(e.Name, prefix), ".json"), 10, 64)
			if err != nil || e.Name != bundle.ManifestName(root.Epoch, n) || v.chain.EpochOf(n) != root.Epoch {
				continue // no reader reads it
			}
			if revisions = append(revisions, n); len(revisions) > maxRevisions {
				return nil, fmt.Errorf("list %s: there are more than %d revisions", prefix, maxRevisions)
			}
		}
	}
	slices.Sort(revisions)
	return revisions, nil
}

func (v *verification) readAll(ctx context.Context, numbers []uint64) error {
	found := make([]revision, len(numbers))
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i, n := range numbers {
		g.Go(func() (err error) {
			found[i], err = v.read(reading, n)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := v.readDeclarations(ctx, found); err != nil {
		return err
	}
	for _, r := range found {
		v.link(r)
	}
	return nil
}

func (v *verification) read(ctx context.Context, number uint64) (r revision, err error) {
	r.number = number
	if r.manifest, err = readManifest(ctx, v.store, v.chain, v.environment, number); err == nil {
		r.entry, err = ReadEntry(ctx, v.store, r.manifest)
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		r.problem, err = p, nil
	}
	return r, err
}

// link checks that a revision continues the previous one.
func (v *verification) link(r revision) {
	if r.number > v.last.number+1 {
		v.pending = append(v.pending, &Problem{Missing, v.last.number + 1, r.number - 1, "", "the manifests were deleted"})
	}
	if r.problem != nil {
		v.pending = append(v.pending, r.problem)
	}
	if r.manifest != nil || r.number == v.end+1 {
		v.end = r.number
	}
	if r.manifest != nil {
		v.entries[bundle.AuditName(r.manifest.AuditHead.Entry)] = true
		v.note(v.pending...)
		v.pending = nil
		head := HeadOf(r.manifest)
		v.report.Head = &head
		if _, wanted := v.roots[r.number]; wanted {
			v.roots[r.number] = head.Root
		}
	}
	if r.entry != nil {
		if p := v.linkEntry(&r); p != nil {
			v.note(p)
		} else {
			v.report.Entries++
		}
	}
	v.last = r
}

// linkEntry compares an entry with the previous manifest and with the chain.
func (v *verification) linkEntry(r *revision) *Problem {
	name := bundle.AuditName(r.manifest.AuditHead.Entry)
	for _, root := range v.chain.Roots() {
		if named := r.entry.Leaf.Root; named.Version == root.Version && named != RefOf(root) {
			return problem(Contradictory, r.number, name, "it names root %d with the hash %s, but the trusted one has %s", root.Version, named.SHA256, root.Hash())
		}
	}
	var before bundle.AuditHead
	switch {
	case r.number == 1:
		before.Root = bundle.HashOf(nil) // of the empty tree
	case r.number == v.last.number+1 && v.last.manifest != nil:
		before = v.last.manifest.AuditHead
	default:
		return nil // there is nothing to compare with, which was reported
	}
	if got := r.entry.Leaf.Previous; got != before.Entry {
		return problem(Contradictory, r.number, name, "it follows the entry %s, but revision %d has the entry %s", got, r.number-1, before.Entry)
	}
	if got := r.entry.before(); got != before.Root {
		return problem(Contradictory, r.number, name, "it continues a tree with the root %s, but revision %d has the root %s", got, r.number-1, before.Root)
	}
	if e := v.last.entry; e != nil && r.entry.Leaf.Root.Version < e.Leaf.Root.Version {
		return problem(Contradictory, r.number, name, "it goes back from root %d to %d", e.Leaf.Root.Version, r.entry.Leaf.Root.Version)
	}
	return nil
}

func (v *verification) compareSeen(seen []Head) {
	for _, h := range seen {
		err := checkSeen(v.chain, h, v.end)
		if p, ok := errors.AsType[*Problem](err); ok {
			v.note(p)
			v.beyond.revision = max(v.beyond.revision, p.Last)
		} else if err != nil {
			v.report.Revoked = append(v.report.Revoked, h)
		} else if root := v.roots[h.Revision]; root != h.Root && root != (bundle.Hash{}) {
			v.note(rewritten(h))
		}
	}
	for _, p := range v.pending {
		if p.Object != "" { // a gap counts only if a signed revision follows
			v.note(p)
		}
	}
}

func (v *verification) note(problems ...*Problem) {
	room := maxProblems - len(v.report.Problems)
	v.report.Problems = append(v.report.Problems, problems[:min(room, len(problems))]...)
}
