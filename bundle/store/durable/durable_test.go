package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWrittenFiles(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "a", "b")
	if err := MakeDirectory(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(directory, "file")
	for _, step := range []struct {
		do   func(string, []byte, fs.FileMode) error
		data string
		err  error
		want string
	}{
		{Create, "one", nil, "one"},
		{Create, "two", fs.ErrExist, "one"},
		{Replace, "three", nil, "three"},
		{Replace, "", nil, ""},
	} {
		if err := step.do(path, []byte(step.data), 0o640); !errors.Is(err, step.err) {
			t.Fatalf("write %q: %v, want %v", step.data, err, step.err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != step.want {
			t.Fatalf("after writing %q: %q, %v; want %q", step.data, got, err, step.want)
		}
		if names := list(t, directory); !slices.Equal(names, []string{"file"}) {
			t.Fatalf("after writing %q: the directory holds %v", step.data, names)
		}
	}
	if err := Replace(filepath.Join(directory, "new"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(directory, "new")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestFailuresLeaveNothing(t *testing.T) {
	directory := t.TempDir()
	occupied := filepath.Join(directory, "occupied")
	if err := os.MkdirAll(filepath.Join(occupied, "inside"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Replace(occupied, []byte("x"), 0o644); err == nil {
		t.Error("replaced a directory")
	}
	if err := Create(occupied, []byte("x"), 0o644); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created where a directory is: %v", err)
	}
	if err := Replace(filepath.Join(directory, "absent", "file"), nil, 0o644); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("wrote into a directory that is not there: %v", err)
	}
	if names := list(t, directory); !slices.Equal(names, []string{"occupied"}) {
		t.Errorf("the directory holds %v", names)
	}
}

func TestMakeDirectoryRefusesAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Create(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := MakeDirectory(path, 0o755); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("got %v", err)
	}
}

func list(t *testing.T, directory string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// TestEveryStepCanFail replaces a file on a disk that fails at each step, and on one that
// stops there. The file is whole each time, and a failure leaves nothing else.
func TestEveryStepCanFail(t *testing.T) {
	broken := errors.New("broken")
	steps := []Op{OpWrite, OpSync, OpName, OpSyncDirectory}
	for at, failing := range steps {
		for _, stops := range []bool{false, true} {
			directory := t.TempDir()
			path := filepath.Join(directory, "file")
			if err := Replace(path, []byte("the old one"), 0o644); err != nil {
				t.Fatal(err)
			}
			var taken []Op
			stopped := false
			disk := Disk{Before: func(op Op, on string) error {
				taken = append(taken, op)
				if op == failing || stopped {
					stopped = stops
					return broken
				}
				return nil
			}}
			if err := disk.Replace(path, []byte("the new one"), 0o644); !errors.Is(err, broken) {
				t.Errorf("%s: %v", failing, err)
			}
			if !slices.Equal(taken[:at+1], steps[:at+1]) {
				t.Errorf("%s: the steps were %v", failing, taken)
			}
			want := "the old one"
			if failing == OpSyncDirectory {
				want = "the new one"
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != want {
				t.Errorf("%s: the file holds %q, %v; want %q", failing, got, err, want)
			}
			left := slices.DeleteFunc(list(t, directory), func(name string) bool { return name == "file" })
			temporary := 0
			if stops && failing != OpSyncDirectory {
				temporary = 1
			}
			if len(left) != temporary {
				t.Errorf("%s, stops %t: it leaves %v", failing, stops, left)
			}
			for _, name := range left {
				if !IsTemporary(name) {
					t.Errorf("%s: %s is not seen as temporary", failing, name)
				}
			}
		}
	}
}
