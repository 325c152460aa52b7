package bundle

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// ceremony is a root with its private keys: 1, 2 and 3 of which two sign roots, and 4,
// which publishes.
type ceremony struct {
	Root
	signers []Signer
}

func firstRoot() ceremony {
	return ceremony{
		NewRoot(1, 1, day, day.Add(year), holders(2, testKey(1), testKey(2), testKey(3)), holders(1, testKey(4))),
		[]Signer{testKey(1), testKey(2)},
	}
}

// next is the root that follows with the same keys.
func (c ceremony) next() ceremony {
	return ceremony{c.Root.Next(day, day.Add(year), c.Holders(c.Roles.Root), c.Holders(c.Roles.Publish)), c.signers}
}

// nextEpoch is the root that follows, in which key 5 publishes after revision base.
func (c ceremony) nextEpoch(base uint64) ceremony {
	next := c.Root.Next(day, day.Add(year), c.Holders(c.Roles.Root), holders(1, testKey(5)))
	next.Epoch, next.Base = c.Epoch+1, base
	return ceremony{next, c.signers}
}

// sign signs the root as it is, without any check.
func (c ceremony) sign(t testing.TB) []byte {
	t.Helper()
	c.complete()
	document, err := encodeCanonical(c.Root)
	if err != nil {
		t.Fatal(err)
	}
	return signRaw(t, RootType, document, c.signers...)
}

func (c ceremony) parse(t testing.TB) *Root {
	t.Helper()
	r, err := ParseRoot(c.sign(t))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRootsThatDoNotFollow shows what is refused as root 3 after root 2, which is of
// epoch 2 and base 10.
func TestRootsThatDoNotFollow(t *testing.T) {
	first := firstRoot()
	second := first.nextEpoch(10)
	chain, err := NewChain(first.parse(t)).Extend(second.sign(t))
	if err != nil {
		t.Fatal(err)
	}
	// third changes the root that would follow.
	third := func(change func(*ceremony)) func() []byte {
		return func() []byte {
			c := second.next()
			change(&c)
			return c.sign(t)
		}
	}
	strangers := holders(2, testKey(8), testKey(9))

	for _, row := range []struct {
		attack string
		forge  func() []byte
		want   error // nil if it follows
	}{
		{"nothing wrong", third(func(*ceremony) {}), nil},
		{"all signers", third(func(c *ceremony) { c.signers = append(c.signers, testKey(3)) }), nil},
		{"expired long ago", third(func(c *ceremony) { c.Created, c.Expires = day.Add(-2*year), day.Add(-year) }), nil},
		{"the next epoch", third(func(c *ceremony) { c.Epoch, c.Base = 3, 10 }), nil},
		{"an epoch further on", third(func(c *ceremony) { c.Epoch, c.Base = 9, 1_000 }), nil},
		{"new keys, signed by the old and the new", third(func(c *ceremony) {
			c.Root = second.Next(day, day.Add(year), strangers, strangers)
			c.signers = append(c.signers, testKey(8), testKey(9))
		}), nil},

		{"junk", func() []byte { return []byte("junk") }, ErrEnvelope},
		{"nothing", func() []byte { return nil }, ErrEnvelope},
		{"a manifest", func() []byte { return seal(t, testManifest(), testKey(1), testKey(2)).Envelope }, ErrEnvelope},
		{"a skipped version", third(func(c *ceremony) { c.Version = 4 }), ErrChain},
		{"the root at hand", func() []byte { return second.sign(t) }, ErrChain},
		{"an older root", func() []byte { return first.sign(t) }, ErrChain},
		{"the epoch back", third(func(c *ceremony) { c.Epoch, c.Base = 1, 0 }), ErrChain},
		{"the base back in a new epoch", third(func(c *ceremony) { c.Epoch, c.Base = 3, 9 }), ErrChain},
		{"the base back in the same epoch", third(func(c *ceremony) { c.Base = 9 }), ErrChain},
		{"the base forward in the same epoch", third(func(c *ceremony) { c.Base = 11 }), ErrChain},
		{"a root of another chain of the same keys", third(func(c *ceremony) { c.Previous = Hash{1} }), ErrChain},
		{"one previous signer too few", third(func(c *ceremony) { c.signers = c.signers[:1] }), ErrSignature},
		{"the publishing key", third(func(c *ceremony) { c.signers = []Signer{testKey(4), testKey(5)} }), ErrSignature},
		{"new keys, signed by the new ones alone", third(func(c *ceremony) {
			c.Root = second.Next(day, day.Add(year), strangers, strangers)
			c.signers = []Signer{testKey(8), testKey(9)}
		}), ErrSignature},
		{"new keys, signed by one old and the new", third(func(c *ceremony) {
			c.Root = second.Next(day, day.Add(year), strangers, strangers)
			c.signers = []Signer{testKey(1), testKey(8), testKey(9)}
		}), ErrSignature},
		{"new keys, signed by the old ones alone", third(func(c *ceremony) {
			c.Root = second.Next(day, day.Add(year), strangers, strangers)
		}), ErrSignature},
		{"a lower threshold, signed by that many", third(func(c *ceremony) {
			c.Root = second.Next(day, day.Add(year), holders(1, testKey(1)), holders(1, testKey(5)))
			c.signers = c.signers[:1]
		}), ErrSignature},
		{"a higher threshold, signed by as many as before", third(func(c *ceremony) {
			c.Root = second.Next(day, day.Add(year), holders(3, testKey(1), testKey(2), testKey(3)), holders(1, testKey(5)))
		}), ErrSignature},
		{"one key under two ids", func() []byte {
			c := second.next()
			c.signers = c.signers[:1]
			return reseal(t, c.sign(t), func(e *envelope) {
				e.Signatures = withID(e.Signatures, testKey(2).Public().ID(), e.Signatures[0].Sig)
			})
		}, ErrSignature},
		{"a signature twice", func() []byte {
			c := second.next()
			c.signers = c.signers[:1]
			return reseal(t, c.sign(t), func(e *envelope) { e.Signatures = append(e.Signatures, e.Signatures[0]) })
		}, ErrEnvelope},
		{"one key listed under two ids", third(func(c *ceremony) {
			c.Keys = slices.Clone(c.Keys)
			c.Keys[1].Public = c.Keys[0].Public
		}), ErrRoot},
	} {
		extended, err := chain.Extend(row.forge())
		if !errors.Is(err, row.want) || (extended == nil) != (row.want != nil) {
			t.Errorf("%s: got %v, want %v", row.attack, err, row.want)
		}
		if chain.Root().Version != 2 {
			t.Fatalf("%s: the chain itself has changed", row.attack)
		}
	}
}

// history is a bucket in which the publishing key 4 was stolen after revision 10: root 2
// begins epoch 2, in which key 5 publishes, and root 3 renews that.
func history(t testing.TB) (roots [3]*Root, src bucket) {
	first := firstRoot()
	second := first.nextEpoch(10)
	third := second.next()
	src = bucket{}
	for i, c := range []ceremony{first, second, third} {
		roots[i] = c.parse(t)
		src[RootName(c.Version)] = c.sign(t)
	}
	return roots, src
}

func TestFindChain(t *testing.T) {
	roots, src := history(t)
	for _, given := range roots {
		chain, err := FindChain(t.Context(), src, given)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(chain.Roots()); got != 3 || chain.Root().Version != 3 {
			t.Errorf("from root %d: found %d roots up to %d", given.Version, got, chain.Root().Version)
		}
		for revision, want := range map[uint64]uint64{0: 0, 1: 1, 10: 1, 11: 2, 1_000: 2} {
			if got := chain.EpochOf(revision); got != want {
				t.Errorf("revision %d belongs to epoch %d, want %d", revision, got, want)
			}
		}
	}

	for what, row := range map[string]struct {
		change func(bucket)
		given  int // version
		found  int // number of roots; 0 if it must fail
		want   error
	}{
		"the newest hidden":        {func(b bucket) { delete(b, RootName(3)) }, 1, 2, nil},
		"all hidden":               {func(b bucket) { clear(b) }, 2, 1, nil},
		"the oldest hidden":        {func(b bucket) { delete(b, RootName(1)) }, 3, 2, nil},
		"the newest damaged":       {func(b bucket) { b[RootName(3)] = b[RootName(3)][1:] }, 2, 0, ErrEnvelope},
		"the newest replaced":      {func(b bucket) { b[RootName(3)] = b[RootName(2)] }, 2, 0, ErrChain},
		"the oldest damaged":       {func(b bucket) { b[RootName(1)] = b[RootName(1)][1:] }, 2, 0, ErrEnvelope},
		"the oldest replaced":      {func(b bucket) { b[RootName(1)] = b[RootName(2)] }, 2, 0, ErrChain},
		"an endless root":          {func(b bucket) { b[RootName(3)] = make([]byte, MaxEnvelopeSize+1) }, 1, 0, ErrTooLarge},
		"a forged root before":     {func(b bucket) { b[RootName(1)] = forgedBefore(t) }, 2, 0, ErrChain},
		"the given root is no say": {func(b bucket) { b[RootName(2)] = []byte("junk") }, 2, 3, nil},
	} {
		roots, src := history(t)
		row.change(src)
		chain, err := FindChain(t.Context(), src, roots[row.given-1])
		if !errors.Is(err, row.want) || (row.want == nil && len(chain.Roots()) != row.found) {
			t.Errorf("%s: got %v, want %v and %d roots", what, err, row.want, row.found)
		}
	}

	broken := errors.New("broken")
	if _, err := FindChain(t.Context(), brokenSource{broken}, roots[0]); !errors.Is(err, broken) {
		t.Errorf("a source that does not answer: %v", err)
	}
}

// forgedBefore is a root 1 by which root 2 of history is rightly signed, because it
// names one of its signers, but which one thief alone has made.
func forgedBefore(t testing.TB) []byte {
	thief := testKey(9)
	return ceremony{
		NewRoot(1, 1, day, day.Add(year), holders(1, testKey(1), thief), holders(1, thief)), []Signer{thief},
	}.sign(t)
}

type brokenSource struct{ error }

func (s brokenSource) Get(context.Context, string, string, int64) (Object, error) {
	return Object{}, s.error
}

func TestManifestsOfAChain(t *testing.T) {
	roots, src := history(t)
	chain, err := FindChain(t.Context(), src, roots[2])
	if err != nil {
		t.Fatal(err)
	}
	manifest := func(epoch, revision uint64, key byte) []byte {
		m := testManifest()
		m.Epoch, m.Revision = epoch, revision
		return seal(t, m, testKey(key)).Envelope
	}
	for _, row := range []struct {
		what            string
		epoch, revision uint64
		key             byte
		any, current    error // of VerifyManifest and of VerifyCurrent
	}{
		{"the newest epoch", 2, 11, 5, nil, nil},
		{"the last revision that counts of the first", 1, 10, 4, nil, ErrEpoch},
		{"an old revision", 1, 1, 4, nil, ErrEpoch},
		{"a revision of the thief", 1, 11, 4, ErrEpoch, ErrEpoch},
		{"one far ahead", 1, 1 << 40, 4, ErrEpoch, ErrEpoch},
		{"the new epoch with the stolen key", 2, 11, 4, ErrSignature, ErrSignature},
		{"the new epoch before its base", 2, 10, 5, ErrEpoch, ErrEpoch},
		{"the old epoch with the new key", 1, 10, 5, ErrEpoch, ErrEpoch},
		{"an epoch to come", 3, 12, 5, ErrEpoch, ErrEpoch},
		{"a stranger's", 2, 11, 9, ErrSignature, ErrSignature},
		{"one signed by root keys", 2, 11, 1, ErrSignature, ErrSignature},
	} {
		envelope := manifest(row.epoch, row.revision, row.key)
		if _, err := chain.VerifyManifest(envelope); !errors.Is(err, row.any) {
			t.Errorf("%s: VerifyManifest gives %v, want %v", row.what, err, row.any)
		}
		if _, err := chain.VerifyCurrent(envelope); !errors.Is(err, row.current) {
			t.Errorf("%s: VerifyCurrent gives %v, want %v", row.what, err, row.current)
		}
	}
	if _, err := chain.VerifyManifest([]byte("junk")); !errors.Is(err, ErrEnvelope) {
		t.Errorf("junk: %v", err)
	}
}

// A key that was replaced within an epoch was not stolen: what it has signed counts, but
// hosts take no news from it.
func TestRotationWithinAnEpoch(t *testing.T) {
	first := firstRoot()
	second := ceremony{first.Next(day, day.Add(year), first.Holders(first.Roles.Root), holders(1, testKey(5))), first.signers}
	chain, err := NewChain(first.parse(t)).Extend(second.sign(t))
	if err != nil {
		t.Fatal(err)
	}
	old := seal(t, testManifest(), testKey(4)).Envelope
	if _, err := chain.VerifyManifest(old); err != nil {
		t.Errorf("VerifyManifest: %v", err)
	}
	if _, err := chain.VerifyCurrent(old); !errors.Is(err, ErrSignature) {
		t.Errorf("VerifyCurrent: %v", err)
	}
}

func TestChainsEnd(t *testing.T) {
	c := firstRoot()
	chain := &Chain{slices.Repeat([]*Root{c.parse(t)}, MaxRoots-1)}
	chain, err := chain.Extend(c.next().sign(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chain.Extend(c.next().next().sign(t)); !errors.Is(err, ErrChain) {
		t.Errorf("root %d of a chain: %v", MaxRoots+1, err)
	}
}
