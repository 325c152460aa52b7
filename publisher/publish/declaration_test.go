package publish

import (
	"errors"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/declaration"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// TestDeclaration publishes the declaration of a directory, and finds it again: in the
// revision, in those that change the payload by other means, and until it changes.
func TestDeclaration(t *testing.T) {
	s := storetest.NewMemory()
	p := newPublication(t, s, 1)
	build := Build(oneMore)
	publish := func(owner string, want bool) *bundle.Manifest {
		t.Helper()
		if p.Build = build; owner != "" {
			data, err := (&declaration.Declaration{Format: declaration.Format, Flags: []declaration.Flag{{Key: "flag", Owner: owner}}}).Encode()
			if err != nil {
				t.Fatal(err)
			}
			p.Build = declared(build, data)
		}
		r, err := p.Publish(t.Context())
		if err != nil || r.Published != want {
			t.Fatalf("%+v, %v; want published %t", r, err, want)
		}
		return r.Manifest
	}
	if got, err := revision.DeclarationOf(t.Context(), s, publish("", true)); got != nil || err != nil {
		t.Errorf("without a declaration: %v, %v", got, err)
	}
	build = func(live *revision.Revision) (*Built, error) { return flags(2) }
	for i, c := range []struct {
		owner string
		want  bool
	}{{"ann", true}, {"ann", false}, {"bob", true}, {"bob", false}} {
		m := publish(c.owner, c.want)
		if got, err := revision.DeclarationOf(t.Context(), s, m); err != nil || got == nil || got.Flags[0].Owner != c.owner {
			t.Fatalf("publication %d: %+v, %v", i, got, err)
		}
	}
	build = func(live *revision.Revision) (*Built, error) { return flags(3) }
	m := publish("", true)
	if got, err := revision.DeclarationOf(t.Context(), s, m); err != nil || got == nil || got.Flags[0].Owner != "bob" {
		t.Errorf("a payload of another make: %+v, %v", got, err)
	}

	name := bundle.DeclarationName(bundle.HashOf([]byte("{}")))
	if err := s.Create(t.Context(), name, []byte("[]")); err != nil {
		t.Fatal(err)
	}
	build = declared(oneMore, []byte("{}"))
	m = publish("", true)
	if _, err := revision.DeclarationOf(t.Context(), s, m); !errors.Is(err, bundle.ErrMismatch) {
		t.Errorf("an exchanged declaration: %v", err)
	}
	if err := s.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if got, err := revision.DeclarationOf(t.Context(), s, m); got != nil || err != nil {
		t.Errorf("a declaration that is gone: %v, %v", got, err)
	}
}
