package bundle

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestRootIsReadAsSigned(t *testing.T) {
	want := NewRoot(3, 2, day, day.Add(year),
		holders(2, testKey(1), testKey(2)), holders(1, testKey(2), testKey(3)))
	want.Previous = Hash{1}
	if n := len(want.Keys); n != 3 {
		t.Fatalf("root has %d keys, want 3: one holds both roles", n)
	}
	envelope, err := SignRoot(want, testKey(1), testKey(2))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseRoot(envelope)
	if err != nil {
		t.Fatal(err)
	}
	if got.Version != 3 || got.Epoch != 2 || got.Expires != day.Add(year) || !slices.Equal(got.Keys, want.Keys) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRolesAreKeptApart(t *testing.T) {
	envelope, err := SignRoot(NewRoot(1, 1, day, day.Add(year), holders(1, testKey(1)), holders(1, testKey(2))), testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	root, err := ParseRoot(envelope)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.VerifyManifest(seal(t, testManifest(), testKey(1)).Envelope); !errors.Is(err, ErrSignature) {
		t.Errorf("a root key signed a manifest: %v", err)
	}
	if _, err := root.VerifyManifest(seal(t, testManifest(), testKey(2)).Envelope); err != nil {
		t.Errorf("the publishing key signed a manifest: %v", err)
	}
}

func TestSignRootRefuses(t *testing.T) {
	two := NewRoot(1, 1, day, day.Add(year), holders(2, testKey(1), testKey(2)), holders(1, testKey(2)))
	if _, err := SignRoot(two, testKey(1)); !errors.Is(err, ErrSignature) {
		t.Errorf("too few signers: %v", err)
	}
	if _, err := SignRoot(two, testKey(1), testKey(3)); !errors.Is(err, ErrSignature) {
		t.Errorf("a signer without the role: %v", err)
	}
	two.Roles.Publish.Threshold = 2
	if _, err := SignRoot(two, testKey(1), testKey(2)); !errors.Is(err, ErrRoot) {
		t.Errorf("a threshold that cannot be met: %v", err)
	}
}

func TestForgedRoots(t *testing.T) {
	signers := []Signer{testKey(1), testKey(2)}
	good := NewRoot(1, 1, day, day.Add(year), holders(2, testKey(1), testKey(2)), holders(1, testKey(1)))
	document, err := encodeCanonical(good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseRoot(signRaw(t, RootType, document, signers...)); err != nil {
		t.Fatal(err)
	}
	first, second := good.Keys[0], good.Keys[1]
	for _, row := range []struct {
		attack string
		change func(*Root)
		want   error
	}{
		{"version zero", func(r *Root) { r.Version = 0 }, ErrRoot},
		{"a root before the first", func(r *Root) { r.Previous = Hash{1} }, ErrRoot},
		{"no root before the second", func(r *Root) { r.Version = 2 }, ErrRoot},
		{"epoch zero", func(r *Root) { r.Epoch = 0 }, ErrRoot},
		{"no keys", func(r *Root) { r.Keys = []RootKey{} }, ErrRoot},
		{"a key twice", func(r *Root) { r.Keys = []RootKey{first, first, second} }, ErrRoot},
		{"keys in another order", func(r *Root) { r.Keys = []RootKey{second, first} }, ErrRoot},
		{"one key under two ids", func(r *Root) { r.Keys[1].Public = first.Public }, ErrRoot},
		{"another scheme", func(r *Root) { r.Keys[0].Scheme = "rsa" }, ErrRoot},
		{"a key without a role", func(r *Root) {
			r.Roles.Root = Role{1, []Hash{first.ID}}
			r.Roles.Publish.Keys = []Hash{first.ID}
		}, ErrRoot},
		{"a role without keys", func(r *Root) { r.Roles.Publish.Keys = []Hash{} }, ErrRoot},
		{"a role with an unknown key", func(r *Root) { r.Roles.Publish.Keys = []Hash{{1}} }, ErrRoot},
		{"a role with a key twice", func(r *Root) { r.Roles.Root.Keys = []Hash{first.ID, first.ID} }, ErrRoot},
		{"threshold zero", func(r *Root) { r.Roles.Publish.Threshold = 0 }, ErrRoot},
		{"threshold over the keys", func(r *Root) { r.Roles.Root.Threshold = 3 }, ErrRoot},
		{"a threshold that its signers do not meet", func(r *Root) {
			third := testKey(3).Public()
			*r = NewRoot(1, 1, day, day.Add(year), Holders{3, []PublicKey{first.Public, second.Public, third}}, holders(1, testKey(1)))
		}, ErrSignature},
	} {
		forged := good
		forged.Keys = slices.Clone(good.Keys)
		forged.Roles.Root.Keys = slices.Clone(good.Roles.Root.Keys)
		row.change(&forged)
		document, err := encodeCanonical(forged)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseRoot(signRaw(t, RootType, document, signers...)); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.attack, err, row.want)
		}
	}
	for what, forged := range map[string]string{
		"roles null":  strings.Replace(string(document), `"keys":["`+testKey(1).Public().ID().String()+`"]`, `"keys":null`, 1),
		"white space": " " + string(document),
	} {
		if forged == string(document) {
			t.Fatalf("%s: nothing changed in %s", what, document)
		}
		if _, err := ParseRoot(signRaw(t, RootType, []byte(forged), signers...)); !errors.Is(err, ErrRoot) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := ParseRoot(signRaw(t, ManifestType, document, signers...)); !errors.Is(err, ErrEnvelope) {
		t.Errorf("a root signed as a manifest: %v", err)
	}
}

func TestEveryMangledRootByteIsRefused(t *testing.T) {
	good, err := SignRoot(NewRoot(1, 1, day, day.Add(year), holders(1, testKey(1)), holders(1, testKey(1))), testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		mangled := slices.Clone(good)
		mangled[i] ^= 1
		if _, err := ParseRoot(mangled); err == nil {
			t.Fatalf("byte %d (%q) mangled: accepted", i, good[i])
		}
	}
}
