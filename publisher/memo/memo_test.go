package memo

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func example(n int) Tables {
	t := Tables{"a": {}, "b": {"key": "value", "": "", "empty": ""}}
	for i := range n {
		t["a"][fmt.Sprint("key ", i)] = strings.Repeat(fmt.Sprint(i, " "), i)
	}
	return t
}

func TestReadsWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hidden", "cache", "file")
	for _, tables := range []Tables{example(50), example(3), {}} {
		Write(path, tables)
		if got := Read(path); !reflect.DeepEqual(got, tables) {
			t.Errorf("read %v, want %v", got, tables)
		}
	}
	ignored, err := os.ReadFile(filepath.Join(filepath.Dir(path), ".gitignore"))
	if err != nil || !strings.HasSuffix(string(ignored), "\n*\n") {
		t.Errorf(".gitignore: %q, %v", ignored, err)
	}
}

func TestDamagedFilesAreIgnored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache", "file")
	Write(path, example(5))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ignored := func(what string, damaged []byte) {
		t.Helper()
		if err := os.WriteFile(path, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := Read(path); len(got) != 0 {
			t.Fatalf("%s: read %v", what, got)
		}
	}
	for n := range data {
		ignored(fmt.Sprint("cut off after ", n), data[:n])
		flipped := append([]byte(nil), data...)
		flipped[n] ^= 1 << (n % 8)
		ignored(fmt.Sprint("a bit of byte ", n), flipped)
	}
	ignored("more at the end", append(append([]byte(nil), data...), 0))
	ignored("nothing", nil)
	if err := os.Truncate(path, MaxSize+1); err != nil {
		t.Fatal(err)
	}
	if got := Read(path); len(got) != 0 {
		t.Fatalf("too large: read %v", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if got := Read(path); len(got) != 0 {
		t.Fatalf("no file: read %v", got)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := Read(path); len(got) != 0 {
		t.Fatalf("a directory: read %v", got)
	}
	Write(path, example(1)) // cannot replace the directory, and says nothing
}

// TestAnotherBuildReadsNothing links one program twice, and looks at what tells the builds apart.
func TestAnotherBuildReadsNothing(t *testing.T) {
	own, known := thisBuild()
	if !known || len(own) != buildSize {
		t.Fatalf("this build: %q, %t", own, known)
	}
	write := func(content string) string {
		path := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		build, known := identify(path)
		if !known {
			t.Fatal("not identified")
		}
		return build
	}
	marks := map[string]string{"ELF": string(buildIDs[0]), "text": string(buildIDs[1]), "none": ""}
	for name, mark := range marks {
		rest := strings.Repeat("code", prefixSize)
		a, b := write("header"+mark+"one"+rest), write("header"+mark+"two"+rest)
		if a == b || a == own {
			t.Errorf("%s: builds with different IDs look the same", name)
		}
		if again := write("header" + mark + "one" + rest); a != again {
			t.Errorf("%s: the same build looks different", name)
		}
	}
	one, two := write("header"+strings.Repeat("code", prefixSize)+"1"), write("header"+strings.Repeat("code", prefixSize)+"2")
	if one == two {
		t.Error("builds without an ID that differ at their ends look the same")
	}
	path := filepath.Join(t.TempDir(), "cache", "file")
	Write(path, example(1))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[len(magic):], one)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := Read(path); len(got) != 0 {
		t.Errorf("read what another build wrote: %v", got)
	}
}

func TestReadersSeeWholeFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache", "file")
	Write(path, example(0))
	var all sync.WaitGroup
	for writer := range 4 {
		all.Go(func() {
			for i := range 50 {
				Write(path, example(10*writer+i%7))
			}
		})
	}
	for range 2 {
		all.Go(func() {
			for range 200 {
				got := Read(path)
				if want := example(len(got["a"])); !reflect.DeepEqual(got, want) {
					t.Errorf("read %v", got)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestLeftOverFilesAreRemoved(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "cache")
	path := filepath.Join(directory, "file")
	Write(path, example(1))
	old, fresh, other := filepath.Join(directory, ".memo-1"), filepath.Join(directory, ".memo-2"), filepath.Join(directory, "other")
	for _, name := range []string{old, fresh, other} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * maxAge)
	for _, name := range []string{old, other} {
		if err := os.Chtimes(name, long, long); err != nil {
			t.Fatal(err)
		}
	}
	Write(path, example(2))
	for name, want := range map[string]bool{old: false, fresh: true, other: true, path: true} {
		if _, err := os.Stat(name); (err == nil) != want {
			t.Errorf("%s is there: %t", filepath.Base(name), err == nil)
		}
	}
}

func TestWithoutADirectoryNothingIsWritten(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	Write(filepath.Join(file, "cache", "x"), example(1))       // the parent is a file
	Write(filepath.Join(root, "a", "b", "c", "x"), example(1)) // more than the parent is missing
	Write(filepath.Join(root, "large", "x"), Tables{"t": {"k": strings.Repeat("x", MaxSize)}})
	entries, err := os.ReadDir(root)
	if err != nil || len(entries) != 1 {
		t.Errorf("there are %v, %v", entries, err)
	}
}

// sample has every kind of value.
type sample struct {
	Text, Again string
	Named       name
	Bool        bool
	Float       float64
	Int         int
	Wide        int64
	Byte        uint8
	Short       uint16
	Unsigned    uint64
	Hash        [4]uint8
	Time        time.Time
	List        []string
	Inner       []inner
	Pointers    []*inner
	Self        *sample
}

type name string

type inner struct {
	A, B string
	N    []int
}

func drawSample(t *rapid.T, depth int) sample {
	text := rapid.SampledFrom([]string{"", "a", "b", "a longer text", "\x00\xff"})
	drawInner := func() inner {
		return inner{text.Draw(t, "a"), text.Draw(t, "b"), rapid.SliceOfN(rapid.Int(), 0, 3).Draw(t, "n")}
	}
	s := sample{
		Text: text.Draw(t, "text"), Again: text.Draw(t, "again"), Named: name(text.Draw(t, "named")),
		Bool: rapid.Bool().Draw(t, "bool"), Float: rapid.Float64().Draw(t, "float"), Int: rapid.Int().Draw(t, "int"),
		Wide: rapid.Int64().Draw(t, "wide"), Byte: rapid.Uint8().Draw(t, "byte"), Short: rapid.Uint16().Draw(t, "short"),
		Unsigned: rapid.Uint64().Draw(t, "unsigned"), Hash: [4]uint8{rapid.Uint8().Draw(t, "hash"), 1},
		List: rapid.SampledFrom([][]string{nil, {}, {"a"}, {"b", "a", "a"}}).Draw(t, "list"),
	}
	if rapid.Bool().Draw(t, "time") {
		s.Time = time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "seconds"), 5).In(time.FixedZone("", 3600))
	}
	for range rapid.IntRange(0, 2).Draw(t, "inner") {
		s.Inner = append(s.Inner, drawInner())
		in := drawInner()
		s.Pointers = append(s.Pointers, &in, nil)
	}
	if depth > 0 && rapid.Bool().Draw(t, "self") {
		self := drawSample(t, depth-1)
		s.Self = &self
	}
	return s
}

func TestDecodesWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawSample(t, 3)
		data := string(Encode(&want))
		var got sample
		if err := Decode(data, &got); err != nil {
			t.Fatalf("%v of %+v", err, want)
		}
		if !got.Time.Equal(want.Time) {
			t.Fatalf("got the time %v, want %v", got.Time, want.Time)
		}
		if string(Encode(&got)) != data {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		strip := func(s *sample) {
			for ; s != nil; s = s.Self {
				s.Time = time.Time{}
			}
		}
		strip(&got)
		strip(&want)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}

// TestDecodesAnything decodes bytes that nobody encoded: there is an error or a value, and neither
// a panic nor an allocation beyond the size of the bytes.
func TestDecodesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawSample(t, 2)
		data := Encode(&want)
		for range rapid.IntRange(1, 4).Draw(t, "damages") {
			at := rapid.IntRange(0, len(data)-1).Draw(t, "at")
			if rapid.Bool().Draw(t, "cut") {
				data = data[:max(1, at)]
			} else {
				data[at] = rapid.Byte().Draw(t, "byte")
			}
			if at >= len(data) {
				break
			}
		}
		var got sample
		_ = Decode(string(data), &got)
	})
	deep := strings.Repeat("\x00\x80\x01", 1<<16) // Self, the last of 16 fields, and so on
	if err := Decode(deep, new(sample)); err == nil {
		t.Error("a value nested without end was decoded")
	}
}

func TestOtherTypesAreMistakes(t *testing.T) {
	type table struct{ A map[string]int }
	for _, v := range []any{new(sync.Mutex), new(table), new([3]int), new(chan int)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T was encoded", v)
				}
			}()
			Encode(v)
		}()
	}
}

// TestLinksAreNotFollowed has links where the cache should be, as a checkout may. Nothing that they
// lead to is written, replaced or removed.
func TestLinksAreNotFollowed(t *testing.T) {
	for name, link := range map[string]string{"the directory": "cache", "its parent": "", "its .gitignore": "cache/.gitignore", "the file": "cache/project"} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			victim := filepath.Join(root, "victim")
			if err := os.MkdirAll(filepath.Join(victim, "cache"), 0o755); err != nil {
				t.Fatal(err)
			}
			old := time.Now().Add(-2 * maxAge)
			for _, file := range []string{".gitignore", "project", ".memo-old", "cache/.gitignore", "cache/project"} {
				path := filepath.Join(victim, file)
				if err := os.WriteFile(path, []byte("precious"), 0o644); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(path, old, old); err != nil {
					t.Fatal(err)
				}
			}
			at := filepath.Join(root, "project", ".sortition", filepath.FromSlash(link))
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			target := victim
			if strings.Contains(link, "/") {
				target = filepath.Join(victim, filepath.Base(link))
			}
			if err := os.Symlink(target, at); err != nil {
				t.Skip("no symbolic links here:", err)
			}
			Write(filepath.Join(root, "project", ".sortition", "cache", "project"), Tables{"table": {"key": "value"}})
			for _, file := range []string{".gitignore", "project", ".memo-old", "cache/.gitignore", "cache/project"} {
				if data, err := os.ReadFile(filepath.Join(victim, file)); err != nil || string(data) != "precious" {
					t.Errorf("%s has %q, %v", file, data, err)
				}
			}
		})
	}
}
