package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
)

// size is how many revisions a site has that is mangled: a tree with subtrees of three
// sizes, whose last entry completes none.
const size = 11

// mustFind verifies the site's log, and wants these problems: "fault first-last object".
func (s *site) mustFind(t *testing.T, seen []audit.Head, want ...string) *audit.Report {
	t.Helper()
	report, err := audit.Verify(t.Context(), s, s.chain, environment, seen...)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, p := range report.Problems {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %d-%d %s", p.Fault, p.First, p.Last, p.Object)))
	}
	if !slices.Equal(got, want) {
		t.Errorf("found\n%q, want\n%q\n%v", got, want, report.Problems)
	}
	return report
}

func (s *site) remove(name string) {
	if err := s.Delete(context.Background(), name); err != nil {
		panic(err)
	}
}

// flip changes one bit in the middle of an object.
func (s *site) flip(name string) {
	data := s.read(name)
	data[len(data)/2] ^= 1
	s.put(name, data)
}

// cutOff takes the manifests of the end away, and with all also what else tells of them.
func (s *site) cutOff(after uint64, all bool) {
	for revision := after + 1; revision < uint64(len(s.named)); revision++ {
		s.remove(s.named[revision].Name())
		if all {
			s.remove(s.entryName(revision))
		}
	}
	if all {
		s.put(bundle.LatestName, s.read(s.named[after].Name()))
	}
}

// report puts what a host says of itself into the bucket.
func (s *site) report(environment string, epoch, revision uint64) {
	r := hostreport.Stored{Report: hostreport.Report{Host: "edge-1", Environment: environment, Epoch: epoch, Revision: revision}}
	s.put(hostreport.Name(r.Host), must(r.Encode()))
}

// sign replaces a manifest, as only a holder of the key can.
func (s *site) sign(m bundle.Manifest) { s.put(m.Name(), must(bundle.SignManifest(m, s.key))) }

func TestUntouched(t *testing.T) {
	for _, n := range []int{1, 2, size} {
		s := newSite(t, n)
		r := s.mustFind(t, []audit.Head{s.head(1), s.head(uint64(n))})
		if r.Entries != uint64(n) || *r.Head != s.head(uint64(n)) {
			t.Errorf("%+v", r)
		}
	}
	if r := newSite(t, 0).mustFind(t, nil); r.Head != nil || r.Entries != 0 {
		t.Errorf("nothing was published: %+v", r)
	}
}

// TestEveryEntry does to each entry, one at a time, what whoever can write to the
// bucket can do. Each time exactly that is found.
func TestEveryEntry(t *testing.T) {
	for revision := uint64(1); revision <= size; revision++ {
		other := revision%size + 1
		entry := func(s *site) string { return s.entryName(revision) }
		manifest := func(*site) string { return bundle.ManifestName(1, revision) }
		for _, c := range []struct {
			name   string
			mangle func(*site)
			want   string
			object func(*site) string
		}{
			{"entry edited", func(s *site) { s.flip(s.entryName(revision)) }, "altered", entry},
			{"entry deleted", func(s *site) { s.remove(s.entryName(revision)) }, "missing", entry},
			{"entry emptied", func(s *site) { s.put(s.entryName(revision), nil) }, "altered", entry},
			{"entry endless", func(s *site) { s.put(s.entryName(revision), make([]byte, audit.MaxEntrySize+1)) }, "altered", entry},
			{"another entry", func(s *site) { s.put(s.entryName(revision), s.read(s.entryName(other))) }, "altered", entry},
			{"manifest edited", func(s *site) { s.flip(bundle.ManifestName(1, revision)) }, "altered", manifest},
			{"manifest endless", func(s *site) { s.put(bundle.ManifestName(1, revision), make([]byte, bundle.MaxEnvelopeSize+1)) }, "altered", manifest},
			{"another manifest", func(s *site) { s.put(bundle.ManifestName(1, revision), s.read(bundle.ManifestName(1, other))) }, "misplaced", manifest},
		} {
			t.Run(fmt.Sprintf("%s %d", c.name, revision), func(t *testing.T) {
				s := newSite(t, size)
				c.mangle(s)
				s.mustFind(t, []audit.Head{s.head(size)}, fmt.Sprintf("%s %d-%d %s", c.want, revision, revision, c.object(s)))
			})
		}
		t.Run(fmt.Sprintf("manifest deleted %d", revision), func(t *testing.T) {
			s := newSite(t, size)
			s.remove(bundle.ManifestName(1, revision))
			s.mustFind(t, nil, fmt.Sprintf("missing %d-%d", revision, revision)) // of the last, the hint tells
		})
	}
}

func TestReordered(t *testing.T) {
	s := newSite(t, size)
	a, b := bundle.ManifestName(1, 4), bundle.ManifestName(1, 5)
	dataA, dataB := s.read(a), s.read(b)
	s.put(a, dataB)
	s.put(b, dataA)
	s.mustFind(t, nil, "misplaced 4-4 "+a, "misplaced 5-5 "+b)
}

func TestManyDeleted(t *testing.T) {
	s := newSite(t, size)
	for _, revision := range []uint64{1, 2, 5, 6, 7, 9} {
		s.remove(bundle.ManifestName(1, revision))
	}
	s.mustFind(t, nil, "missing 1-2", "missing 5-7", "missing 9-9")
}

func TestCutOff(t *testing.T) {
	for after := uint64(1); after < size; after++ {
		tail := fmt.Sprintf("missing %d-%d", after+1, size)
		s := newSite(t, size)
		s.cutOff(after, false)
		s.mustFind(t, nil, tail) // of which the hint tells
		s.cutOff(after, true)
		s.mustFind(t, []audit.Head{s.head(size)}, tail)
		s.mustFind(t, []audit.Head{s.head(after)}) // nobody has seen more
	}
	s := newSite(t, size)
	seen := []audit.Head{s.head(size)}
	s.Memory = storetest.NewMemory()
	s.mustFind(t, seen, fmt.Sprintf("missing 1-%d", size))
}

// TestTraces cuts the end off, the hint too, and leaves something that tells of it.
func TestTraces(t *testing.T) {
	const after = 7
	type entries map[uint64][]byte
	leave := func(s *site, entry []byte) { s.put(bundle.AuditName(bundle.HashOf(entry)), entry) }
	for name, c := range map[string]struct {
		leave func(*site, entries)
		want  []string
	}{
		"nothing":                   {func(*site, entries) {}, nil},
		"the entry of a lost race":  {func(s *site, e entries) { leave(s, e[after+1]) }, nil},
		"an entry after the next":   {func(s *site, e entries) { leave(s, e[after+2]) }, []string{"missing 8-8"}},
		"the last entries":          {func(s *site, e entries) { leave(s, e[size]); leave(s, e[size-1]) }, []string{"missing 8-10"}},
		"an entry by another name":  {func(s *site, e entries) { s.put("a/stranger", e[size]) }, nil},
		"a host's report":           {func(s *site, _ entries) { s.report(environment, 1, after+1) }, []string{"missing 8-8"}},
		"an older report":           {func(s *site, _ entries) { s.report(environment, 1, after) }, nil},
		"a report of elsewhere":     {func(s *site, _ entries) { s.report("staging", 1, size) }, nil},
		"a report of another epoch": {func(s *site, _ entries) { s.report(environment, 2, size) }, nil},
		"junk for a report":         {func(s *site, _ entries) { s.put(hostreport.Name("edge-1"), []byte("{")) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, size)
			gone := entries{}
			for revision := uint64(after + 1); revision <= size; revision++ {
				gone[revision] = s.read(s.entryName(revision))
			}
			s.cutOff(after, true)
			c.leave(s, gone)
			s.mustFind(t, nil, c.want...)
		})
	}
}

// TestGrowsMeanwhile publishes a revision while the log is verified.
func TestGrowsMeanwhile(t *testing.T) {
	s := newSite(t, size)
	grown := false
	s.Before = func(_ context.Context, op storetest.Op, name string) error {
		if op == storetest.OpGet && name == bundle.LatestName && !grown {
			grown = true
			s.append()
		}
		return nil
	}
	s.mustFind(t, nil)
}

// TestDeclarations does to a declaration what whoever can write to the bucket
// can do. The first revision that was made of it tells.
func TestDeclarations(t *testing.T) {
	declared := []byte("what a directory said")
	name := bundle.DeclarationName(bundle.HashOf(declared))
	for want, mangle := range map[string]func(*site){
		"":                    func(*site) {},
		"missing 3-3 " + name: func(s *site) { s.remove(name) },
		"altered 3-3 " + name: func(s *site) { s.flip(name) },
	} {
		t.Run(want, func(t *testing.T) {
			s := newSite(t, 2)
			s.put(name, declared)
			for revision := uint64(3); revision <= 5; revision++ {
				r := s.leaf(revision)
				r.Declaration = bundle.HashOf(declared)
				s.publish(r)
			}
			mangle(s)
			found := []string{}
			if want != "" {
				found = append(found, want)
			}
			s.mustFind(t, nil, found...)
		})
	}
}

// Strangers in the bucket that nobody signed take no revision's place.
func TestStrangers(t *testing.T) {
	s := newSite(t, size)
	far := bundle.ManifestName(1, 1_000_000)
	s.put(far, []byte("{}"))
	s.put("m/1/007.json", []byte("{}"))
	s.put("m/2/3.json", []byte("{}"))
	s.put("a/stranger", []byte("{}"))
	s.mustFind(t, []audit.Head{s.head(size)}, "altered 1000000-1000000 "+far)
}

func TestStoreFails(t *testing.T) {
	s := newSite(t, size)
	down := errors.New("connection refused")
	for _, failing := range []struct {
		op   storetest.Op
		name string
	}{{storetest.OpList, "m/"}, {storetest.OpList, "a/"}, {storetest.OpList, hostreport.Prefix}, {storetest.OpGet, "m/1/3"}, {storetest.OpGet, s.entryName(3)}, {storetest.OpGet, bundle.LatestName}} {
		s.Before = func(_ context.Context, op storetest.Op, name string) error {
			if op == failing.op && strings.HasPrefix(name, failing.name) {
				return down
			}
			return nil
		}
		if _, err := audit.Verify(t.Context(), s, s.chain, environment); !errors.Is(err, down) {
			t.Errorf("%s %s: %v", failing.op, failing.name, err)
		}
	}
}
