package audit_test

import (
	"bytes"
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

// TestDirectories does to the record of a directory what whoever can write to the bucket
// can do. The first revision that was made of it tells.
func TestDirectories(t *testing.T) {
	directory := []byte("what a directory said")
	name := bundle.RecordName(bundle.HashOf(directory))
	for want, mangle := range map[string]func(*site){
		"":                    func(*site) {},
		"missing 3-3 " + name: func(s *site) { s.remove(name) },
		"altered 3-3 " + name: func(s *site) { s.flip(name) },
	} {
		t.Run(want, func(t *testing.T) {
			s := newSite(t, 2)
			s.put(name, directory)
			for revision := uint64(3); revision <= 5; revision++ {
				r := s.record(revision)
				r.Directory = bundle.HashOf(directory)
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

// TestRewritten is what a holder of the key can do: sign another past.
func TestRewritten(t *testing.T) {
	for from := uint64(1); from <= size; from++ {
		s := newSite(t, size)
		before, now := s.head(max(from-1, 1)), s.head(size)
		s.last = nil
		if from > 1 {
			s.last = must(audit.ParseEntry(s.read(s.entryName(from - 1))))
		}
		r := s.record(from)
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
		m := *s.named[e.Record.Revision]
		m.AuditHead = e.Head()
		s.named[e.Record.Revision] = &m
		s.sign(m)
	}
	for _, c := range []struct {
		name   string
		mangle func(*site)
		want   []uint64 // the revisions whose entries contradict
	}{
		{"an entry is another: the next does not follow it", func(s *site) {
			e := entryOf(s, 5)
			e.Record.Action = "rollback"
			replace(s, e)
		}, []uint64{6}},
		{"an entry that follows another", func(s *site) {
			e := entryOf(s, size)
			e.Record.Previous = bundle.Hash{1}
			replace(s, e)
		}, []uint64{size}},
		{"the first follows one", func(s *site) {
			e := entryOf(s, 1)
			e.Record.Previous = bundle.Hash{1}
			replace(s, e)
		}, []uint64{1, 2}},
		{"a tree that is another", func(s *site) {
			e := entryOf(s, size)
			e.Proof[0][0] ^= 1
			replace(s, e)
		}, []uint64{size}},
		{"another root document", func(s *site) {
			e := entryOf(s, size)
			e.Record.Root.SHA256 = bundle.Hash{1}
			replace(s, e)
		}, []uint64{size}},
		{"back to an older root document", func(s *site) {
			s.nextEpoch(size)
			s.append()
			r := s.record(size + 2)
			r.Root = audit.RefOf(s.chain.Roots()[0])
			s.publish(r)
		}, []uint64{size + 2}},
		{"no entry", func(s *site) {
			m := *s.named[size]
			data := []byte(`{"record":{}}`)
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

func TestBackward(t *testing.T) {
	s := newSite(t, size)
	want := uint64(size)
	for e, err := range s.log().Backward(t.Context()) {
		if err != nil || e.Record.Revision != want {
			t.Fatalf("%+v, %v; want revision %d", e, err, want)
		}
		want--
	}
	if want != 0 {
		t.Errorf("it ends before revision %d", want)
	}
	for name, mangle := range map[string]func(*site){
		"deleted": func(s *site) { s.remove(s.entryName(4)) },
		"edited":  func(s *site) { s.flip(s.entryName(4)) },
		"endless": func(s *site) { s.put(s.entryName(4), make([]byte, audit.MaxEntrySize+1)) },
	} {
		s := newSite(t, size)
		mangle(s)
		read := 0
		var last error
		for _, last = range s.log().Backward(t.Context()) {
			read++
		}
		if p, ok := errors.AsType[*audit.Problem](last); !ok || p.First != 4 || read != size-3 {
			t.Errorf("%s: %v after %d", name, last, read)
		}
	}
	for range (&audit.Log{Source: s, Chain: s.chain, Environment: environment}).Backward(t.Context()) {
		t.Error("an empty log yields something")
	}
}

func TestForgedProofs(t *testing.T) {
	s := newSite(t, size)
	good := must(s.log().ProveInclusion(t.Context(), 6))
	for name, forge := range map[string]func(*audit.Inclusion){
		"record":   func(i *audit.Inclusion) { i.Record.Actor = "mallory" },
		"revision": func(i *audit.Inclusion) { i.Record.Revision++ },
		"index":    func(i *audit.Inclusion) { i.Index++ },
		"leaf":     func(i *audit.Inclusion) { i.Leaf[0] ^= 1 },
		"proof":    func(i *audit.Inclusion) { i.Proof = slices.Clone(i.Proof); i.Proof[1][0] ^= 1 },
		"short":    func(i *audit.Inclusion) { i.Proof = i.Proof[1:] },
		"head":     func(i *audit.Inclusion) { i.Head = s.head(size - 1) },
	} {
		forged := *good
		forge(&forged)
		if err := forged.Check(); !errors.Is(err, audit.ErrProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
	proof := must(s.log().ProveConsistency(t.Context(), s.head(6)))
	for name, err := range map[string]error{
		"another head": audit.CheckConsistency(proof, s.head(5), s.head(size)),
		"no proof":     audit.CheckConsistency(nil, s.head(6), s.head(size)),
		"backwards":    audit.CheckConsistency(proof, s.head(size), s.head(6)),
	} {
		if !errors.Is(err, audit.ErrProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	s := newSite(t, 3)
	for name, change := range map[string]func(*audit.Record){
		"gap":           func(r *audit.Record) { r.Revision++ },
		"same again":    func(r *audit.Record) { r.Revision-- },
		"no action":     func(r *audit.Record) { r.Action = "" },
		"action":        func(r *audit.Record) { r.Action = "Roll back" },
		"long action":   func(r *audit.Record) { r.Action = audit.Action(strings.Repeat("a", 33)) },
		"override":      func(r *audit.Record) { r.Overrides = []string{"two\nlines"} },
		"empty":         func(r *audit.Record) { r.Overrides = []string{""} },
		"not UTF-8":     func(r *audit.Record) { r.Overrides = []string{"\xff"} },
		"too many":      func(r *audit.Record) { r.Overrides = slices.Repeat([]string{"gate"}, audit.MaxOverrides+1) },
		"long override": func(r *audit.Record) { r.Overrides = []string{strings.Repeat("x", bundle.MaxMessageLength+1)} },
	} {
		r := s.record(4)
		change(&r)
		if _, err := audit.Append(s.last, r); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestParseEntryRefuses(t *testing.T) {
	s := newSite(t, 4)
	good := s.last.Encode()
	for name, data := range map[string][]byte{
		"empty":           nil,
		"space":           append(slices.Clone(good), ' '),
		"unknown field":   bytes.Replace(good, []byte(`"proof"`), []byte(`"more":1,"proof"`), 1),
		"repeated field":  bytes.Replace(good, []byte(`"actor":"ann"`), []byte(`"actor":"bob","actor":"ann"`), 1),
		"another proof":   must(audit.ParseEntry(s.read(s.entryName(3)))).Encode()[:40],
		"proof too short": bytes.Replace(good, good[len(good)-69:len(good)-2], nil, 1),
		"too long":        append(slices.Clone(good), bytes.Repeat([]byte(" "), audit.MaxEntrySize)...),
	} {
		if _, err := audit.ParseEntry(data); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestHeadText(t *testing.T) {
	h := newSite(t, 2).head(2)
	if got, err := audit.ParseHead(h.String()); err != nil || got != h {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{
		"", "1/2", "1/2/", "0/2/" + h.Root.String(), "1/0/" + h.Root.String(), "1/9007199254740992/" + h.Root.String(),
		"1/2/" + strings.ToUpper(h.Root.String()), "1/2/3/" + h.Root.String(), "x/2/" + h.Root.String(),
	} {
		if _, err := audit.ParseHead(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
