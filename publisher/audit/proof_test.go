package audit_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
)

func TestBackward(t *testing.T) {
	s := newSite(t, size)
	want := uint64(size)
	for e, err := range s.log().Backward(t.Context()) {
		if err != nil || e.Leaf.Revision != want {
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
		"content":  func(i *audit.Inclusion) { i.Leaf.Actor = "mallory" },
		"revision": func(i *audit.Inclusion) { i.Leaf.Revision++ },
		"index":    func(i *audit.Inclusion) { i.Index++ },
		"leaf":     func(i *audit.Inclusion) { i.LeafHash[0] ^= 1 },
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
	for name, change := range map[string]func(*audit.Leaf){
		"gap":           func(r *audit.Leaf) { r.Revision++ },
		"same again":    func(r *audit.Leaf) { r.Revision-- },
		"no action":     func(r *audit.Leaf) { r.Action = "" },
		"action":        func(r *audit.Leaf) { r.Action = "Roll back" },
		"long action":   func(r *audit.Leaf) { r.Action = audit.Action(strings.Repeat("a", 33)) },
		"override":      func(r *audit.Leaf) { r.Overrides = []string{"two\nlines"} },
		"empty":         func(r *audit.Leaf) { r.Overrides = []string{""} },
		"not UTF-8":     func(r *audit.Leaf) { r.Overrides = []string{"\xff"} },
		"too many":      func(r *audit.Leaf) { r.Overrides = slices.Repeat([]string{"gate"}, audit.MaxOverrides+1) },
		"long override": func(r *audit.Leaf) { r.Overrides = []string{strings.Repeat("x", bundle.MaxMessageLength+1)} },
	} {
		r := s.leaf(4)
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
