package cookie

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

type vectors struct {
	Secret string
	Sealed []struct{ Secret, Purpose, Text, Sealed string }
	Sticky []struct {
		Entries []entry
		Kept    int
		Value   string
	}
	Decisions []struct {
		Decisions Decisions
		Value     string
	}
	Refused struct {
		Purpose string
		Values  []string
	}
}

func readVectors(t *testing.T) (vectors, *Sealer) {
	t.Helper()
	data, err := os.ReadFile("testdata/cookies.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v, sealer(t, v.Secret)
}

func sealer(t *testing.T, secrets ...string) *Sealer {
	t.Helper()
	s, err := NewSealer(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVectors(t *testing.T) {
	v, s := readVectors(t)
	if len(v.Sealed) == 0 || len(v.Sticky) == 0 || len(v.Decisions) == 0 || len(v.Refused.Values) == 0 {
		t.Fatal("there are no vectors")
	}
	for _, row := range v.Sealed {
		s := sealer(t, row.Secret)
		if got := s.Seal(row.Purpose, row.Text); got != row.Sealed {
			t.Errorf("%s is sealed as %s, want %s", row.Text, got, row.Sealed)
		}
		if text, ok := s.Open(row.Purpose, row.Sealed); !ok || text != row.Text {
			t.Errorf("%s does not open", row.Sealed)
		}
	}
	for _, row := range v.Sticky {
		sticky := &Sticky{Sealer: s}
		if got := sticky.seal(row.Entries); got != row.Value {
			t.Errorf("%v is kept as %s, want %s", row.Entries, got, row.Value)
		}
		entries, ok := sticky.open(row.Value)
		if want := row.Entries[len(row.Entries)-row.Kept:]; !ok || !reflect.DeepEqual(entries, want) {
			t.Errorf("%s holds %v, want %v", row.Value, entries, want)
		}
	}
	for _, row := range v.Decisions {
		if got := s.SealDecisions(row.Decisions); got != row.Value {
			t.Errorf("%v is sealed as %s, want %s", row.Decisions, got, row.Value)
		}
		at := row.Decisions.Time.Time()
		if got, ok := s.OpenDecisions(row.Value, at.Add(maxDecisionsAge)); !ok || !reflect.DeepEqual(got, row.Decisions) {
			t.Errorf("%s says %v", row.Value, got)
		}
		for _, away := range []time.Duration{maxDecisionsAge + time.Millisecond, -maxDecisionsAge - time.Millisecond} {
			if _, ok := s.OpenDecisions(row.Value, at.Add(away)); ok {
				t.Errorf("a header %v away opens", away)
			}
		}
	}
	for _, value := range v.Refused.Values {
		if text, ok := s.Open(v.Refused.Purpose, value); ok {
			t.Errorf("%q opens as %q", value, text)
		}
	}
}

func TestSecrets(t *testing.T) {
	if _, err := NewSealer(); err == nil {
		t.Error("no secret is enough")
	}
	if _, err := NewSealer(strings.Repeat("x", MinSecretSize-1)); err == nil {
		t.Error("a short secret is enough")
	}
	old, next := strings.Repeat("o", 32), strings.Repeat("n", 32)
	sealed := sealer(t, old).Seal("p", "text")
	if _, ok := sealer(t, next, old).Open("p", sealed); !ok {
		t.Error("a secret that is exchanged does not open")
	}
	if got := sealer(t, next, old).Seal("p", "text"); got == sealed {
		t.Error("the old secret seals")
	}
}

func requestWith(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return r
}

func TestIdentity(t *testing.T) {
	_, s := readVectors(t)
	consents := true
	i := &Identity{Sealer: s, Consent: func(*http.Request) bool { return consents }, Domain: "shop.example"}
	id, set := i.Visitor(requestWith(), true)
	if want := IDName + "=" + set.Value + "; Path=/; Domain=shop.example; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax"; set.String() != want {
		t.Errorf("set %s, want %s", set, want)
	}
	if again, set := i.Visitor(requestWith(set), true); again != id || set != nil || len(id) != 22 {
		t.Errorf("%q comes back as %q, and is set %v", id, again, set)
	}
	forged := &http.Cookie{Name: IDName, Value: "x" + set.Value}
	if other, replaced := i.Visitor(requestWith(forged), false); other == id || replaced == nil || replaced.Secure || i.Tampered() != 1 {
		t.Errorf("a forged cookie gives %q, %v, %d", other, replaced, i.Tampered())
	}
	for name, r := range map[string]*http.Request{
		"opted out": requestWith(set, &http.Cookie{Name: OptOutName, Value: "1"}), "without consent": requestWith(set),
	} {
		consents = name == "opted out"
		if id, deleted := i.Visitor(r, true); id != "" || deleted == nil || !strings.HasPrefix(deleted.String(), IDName+"=; Path=/; Domain=shop.example; Max-Age=0;") {
			t.Errorf("%s: %q, %v", name, id, deleted)
		}
	}
	consents = false
	if id, set := i.Visitor(requestWith(), true); id != "" || set != nil {
		t.Errorf("nothing to delete: %q, %v", id, set)
	}
}

func TestStickyIgnoresWhatItDidNotWrite(t *testing.T) {
	v, s := readVectors(t)
	sticky := &Sticky{Sealer: s}
	values := []string{
		"x", strings.Repeat("x", MaxStickySize+1), v.Sticky[0].Value + "x",
		s.Seal(stickyPurpose, "%"), s.Seal(stickyPurpose, encoding.EncodeToString([]byte(`[["a",1]]`))),
		s.Seal(stickyPurpose, encoding.EncodeToString([]byte(`[["a","b","c"]]`))),
	}
	for _, value := range values {
		if kept := sticky.Read(requestWith(&http.Cookie{Name: StickyName, Value: value})); len(kept.entries) != 0 {
			t.Errorf("%s holds %v", value, kept.entries)
		}
	}
	if got := sticky.Tampered(); got != uint64(len(values)) {
		t.Errorf("%d of %d are counted", got, len(values))
	}
	if kept := sticky.Read(requestWith()); sticky.Write(kept, true) != nil {
		t.Error("a visitor without a cookie is given an empty one")
	}
}
