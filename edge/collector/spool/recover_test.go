package spool

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A crash can cut off the newest segment anywhere. Complete blobs stay, an incomplete one is
// removed, and the spool accepts further blobs.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, roomy)
	blobs := []string{"first blob", "second", "the third blob"}
	appendAll(t, s, blobs...)
	closeSpool(t, s)
	path := filepath.Join(dir, s.Sealed()[0].file())
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var ends []int // of each blob in the file
	end := len(magic)
	for _, r := range blobs {
		end += frameHeader + len(r)
		ends = append(ends, end)
	}

	tails := map[string][]byte{
		"nothing":       nil,
		"zeros":         make([]byte, 100),
		"a long length": {0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5},
		"a stale piece": whole[len(magic)+1 : len(magic)+12],
	}
	for name, tail := range tails {
		t.Run(name, func(t *testing.T) {
			for cut := 0; cut <= len(whole); cut++ {
				if name != "nothing" && cut < len(magic) {
					continue // the magic was synced before anything followed it
				}
				want := 0
				for want < len(ends) && ends[want] <= cut {
					want++
				}
				if err := os.WriteFile(path, append(bytes.Clone(whole[:cut]), tail...), 0o600); err != nil {
					t.Fatal(err)
				}
				s := open(t, dir, roomy)
				got := contents(t, s)
				appendAll(t, s, "after")
				closeSpool(t, s)

				s = open(t, dir, roomy)
				expect(t, contents(t, s), append(got, "after")...)
				expect(t, got, blobs[:want]...)
				for _, seg := range s.Sealed() {
					if err := s.Remove(seg); err != nil {
						t.Fatal(err)
					}
				}
				closeSpool(t, s)
				if t.Failed() {
					t.Fatalf("cut at %d of %d", cut, len(whole))
				}
			}
		})
	}
}

func TestDamageIsReportedAndSetAside(t *testing.T) {
	tests := []struct {
		name   string
		offset int // of the flipped byte
		want   []string
	}{
		{"magic", 3, nil},
		{"length", len(magic), nil},
		{"checksum", len(magic) + 5, nil},
		{"second blob", len(magic) + frameHeader + len("one") + frameHeader, []string{"one"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, roomy)
			appendAll(t, s, "one", "two", "three")
			s.Seal()
			appendAll(t, s, "newest")
			closeSpool(t, s)
			path := filepath.Join(dir, s.Sealed()[0].file())
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			data[tt.offset] ^= 0x10
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}

			s = open(t, dir, roomy)
			damaged := s.Sealed()[0]
			got, err := read(s, damaged)
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("Blobs: %v, want ErrDamaged", err)
			}
			expect(t, got, tt.want...)
			aside, err := s.SetAside(damaged)
			if err != nil {
				t.Fatal(err)
			}
			if kept, err := os.ReadFile(aside); err != nil || !bytes.Equal(kept, data) {
				t.Errorf("the file that was set aside: %v, %d bytes, want %d", err, len(kept), len(data))
			}
			expect(t, contents(t, s), "newest")
			closeSpool(t, s)

			s = open(t, dir, roomy)
			defer closeSpool(t, s)
			expect(t, contents(t, s), "newest")
		})
	}
}

func TestDamagedMagicOfTheNewestIsNotTakenForATear(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, roomy)
	appendAll(t, s, "acknowledged")
	closeSpool(t, s)
	path := filepath.Join(dir, s.Sealed()[0].file())
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[0] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, roomy)
	defer closeSpool(t, s)
	if n := len(s.Sealed()); n != 1 {
		t.Fatalf("%d segments, want the damaged one kept", n)
	}
	if _, err := read(s, s.Sealed()[0]); !errors.Is(err, ErrDamaged) {
		t.Errorf("Blobs: %v, want ErrDamaged", err)
	}
}
