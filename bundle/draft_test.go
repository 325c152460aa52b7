package bundle

import (
	"errors"
	"slices"
	"testing"
)

// A draft of root 2, which replaces key 3 by key 6, travels from signer to signer.
func TestDraftTravels(t *testing.T) {
	first := firstRoot()
	before := first.parse(t)
	draft, err := NewDraft(before.Next(day, day.Add(year), holders(2, testKey(1), testKey(2), testKey(6)), holders(1, testKey(4))))
	if err != nil {
		t.Fatal(err)
	}
	old, own := before.Holders(before.Roles.Root), draft.Root().Holders(draft.Root().Roles.Root)
	for step, row := range []struct {
		signer   Signer
		old, own int // signatures that count so far
		follows  bool
	}{
		{testKey(3), 1, 0, false},
		{testKey(3), 1, 0, false}, // once more
		{testKey(6), 1, 1, false},
		{testKey(1), 2, 2, true},
		{testKey(2), 3, 3, true},
	} {
		data, err := draft.Envelope()
		if err != nil {
			t.Fatal(err)
		}
		if draft, err = ParseDraft(data); err != nil {
			t.Fatal(err)
		}
		if err := draft.Sign(row.signer); err != nil {
			t.Fatal(err)
		}
		for role, p := range map[string]struct {
			Progress
			want int
		}{"old": {draft.Progress(old), row.old}, "own": {draft.Progress(own), row.own}} {
			if len(p.Signed) != p.want || len(p.Missing) != 3-p.want || len(p.Wrong) != 0 || p.Done() != (p.want >= 2) {
				t.Errorf("step %d: %s keys: %+v, want %d signed", step, role, p.Progress, p.want)
			}
		}
		data, err = draft.Envelope()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := before.VerifyNext(data); (err == nil) != row.follows || err != nil && !errors.Is(err, ErrSignature) {
			t.Errorf("step %d: %v, want it to follow: %t", step, err, row.follows)
		}
	}
}

func TestDraftWithAWrongSignature(t *testing.T) {
	c := firstRoot()
	data := reseal(t, c.sign(t), func(e *envelope) {
		i := slices.IndexFunc(e.Signatures, func(s signature) bool { return s.KeyID == testKey(1).Public().ID() })
		e.Signatures[i].Sig[0] ^= 1
	})
	draft, err := ParseDraft(data)
	if err != nil {
		t.Fatal(err)
	}
	p := draft.Progress(c.Holders(c.Roles.Root))
	if !slices.Equal(p.Wrong, []PublicKey{testKey(1).Public()}) || p.Done() {
		t.Errorf("got %+v", p)
	}
	if err := draft.Sign(testKey(1)); err != nil { // mends it
		t.Fatal(err)
	}
	if p := draft.Progress(c.Holders(c.Roles.Root)); !p.Done() || len(p.Signed) != 2 {
		t.Errorf("after signing anew: %+v", p)
	}
}

func TestDraftsRefused(t *testing.T) {
	invalid := firstRoot().Root
	invalid.Roles.Root.Threshold = 4
	if _, err := NewDraft(invalid); !errors.Is(err, ErrRoot) {
		t.Errorf("a threshold over the keys: %v", err)
	}
	for what, row := range map[string]struct {
		data []byte
		want error
	}{
		"junk":       {[]byte("junk"), ErrEnvelope},
		"a manifest": {seal(t, testManifest(), testKey(1)).Envelope, ErrEnvelope},
		"nonsense":   {signRaw(t, RootType, []byte("{}"), testKey(1)), ErrRoot},
	} {
		if _, err := ParseDraft(row.data); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	draft, err := NewDraft(firstRoot().Root)
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.Sign(testKey(1), testKey(1)); err == nil {
		t.Error("one key signed twice at once")
	}
	unsigned, err := draft.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseRoot(unsigned); !errors.Is(err, ErrEnvelope) {
		t.Errorf("an unsigned root: %v", err)
	}
}
