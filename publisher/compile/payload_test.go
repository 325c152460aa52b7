package compile

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/config"
)

// storefrontPayload is the hash of the payload of examples/storefront. It is the same
// on every machine; it changes with the example and with the compiler.
const storefrontPayload = "f8fad9dee6c8166400529e99f681d9692592d754341891ec22df4e680cd01c5b"

func TestSamePayloadOnEveryMachine(t *testing.T) {
	project, problems := config.Load("../../examples/storefront")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		program, err := Program(project, nil, testNow)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := Payload(program)
		if err != nil {
			t.Fatal(err)
		}
		if got := bundle.HashOf(payload).String(); got != storefrontPayload {
			t.Fatalf("the payload is %s, want %s", got, storefrontPayload)
		}
	}
}

// TestTooComplexAudience multiplies out (a0 || b0) && (a1 || b1) && … on attributes of
// their own, which doubles the clauses with each factor.
func TestTooComplexAudience(t *testing.T) {
	for factors, fits := range map[int]bool{8: true, 9: false} {
		p := &model.Program{Units: []string{"user"}}
		and := &model.Expr{Op: model.OpAnd}
		for range factors {
			or := &model.Expr{Op: model.OpOr}
			for range 2 {
				or.Args = append(or.Args, &model.Expr{Op: model.OpTrue, Attr: len(p.Attributes)})
				p.Attributes = append(p.Attributes, model.Attribute{Name: fmt.Sprintf("a%d", len(p.Attributes)), Type: model.Bool})
			}
			and.Args = append(and.Args, or)
		}
		p.Exclusions = []model.Exclusion{{Kind: model.ExcludeBot, Audience: and}}
		if _, err := Payload(p); fits && err != nil || !fits && !errors.Is(err, ErrTooComplex) {
			t.Errorf("%d factors: %v", factors, err)
		}
	}
}

// TestSameAttributeStaysOneClause joins conditions on one attribute instead of
// multiplying them out.
func TestSameAttributeStaysOneClause(t *testing.T) {
	in := func(values ...string) *model.Expr { return &model.Expr{Op: model.OpIn, Attr: 0, Strings: values} }
	p := &model.Program{
		Units: []string{"user"}, Attributes: []model.Attribute{{Name: "country", Type: model.String}},
		Exclusions: []model.Exclusion{{Audience: &model.Expr{Op: model.OpOr, Args: []*model.Expr{
			in("DE"), in("AT", "CH"),
			{Op: model.OpNot, Args: []*model.Expr{{Op: model.OpOr, Args: []*model.Expr{in("GB"), in("US")}}}},
			{Op: model.OpAnd, Args: []*model.Expr{in("FR"), in("ES")}}, // nobody
		}}}},
	}
	ix, err := buildIndex(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(ix.clauses) != 1 {
		t.Errorf("%d clauses, want 1", len(ix.clauses))
	}
}

// readerOf reads a payload; nil for none.
func readerOf(t testing.TB, raw []byte) *payload.Reader {
	t.Helper()
	if raw == nil {
		return nil
	}
	r, err := payload.NewReader(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
