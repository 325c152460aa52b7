package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A replaced word is one that had another meaning too, and for which another word stands now.
// The table in CHANGELOG.md has all of them.
type replaced struct {
	was *regexp.Regexp
	now string

	// in are the folders and files in which the word is not used; none means everywhere.
	in []string

	// but are phrases that may have the word, and why.
	but map[string]string

	// except are folders and files that may use the word, and why.
	except map[string]string
}

const (
	changes     = "it says what was called otherwise"
	ofOthers    = "the word of another system"
	unixEpoch   = "where computers count time from"
	ofDuckDB    = "a function of DuckDB"
	ofManifests = "the lifetime of revision numbers"
)

// wordsFile is this file, which has to name the words.
const wordsFile = "docs/words_test.go"

var replacedWords = []replaced{
	{
		was: word(`lots?`), now: "draw",
		except: map[string]string{"CHANGELOG.md": changes},
	},
	{
		was: word(`rollouts?`), now: "canary, of hosts, or enrolment, of units",
		except: map[string]string{
			"CHANGELOG.md":                  changes,
			"bench/engines/launchdarkly.go": ofOthers, "bench/node": ofOthers,
		},
	},
	{
		was: word(`epochs?`), now: "phase",
		in: []string{
			"bundle/model", "bundle/payload", "bundle/event", "edge/cookie", "edge/exposure", "edge/visit",
			"publisher/compile", "publisher/explain", "publisher/plan", "publisher/simulate", "publisher/analysis",
			"hostshims/js/src/decision.js", "hostshims/js/src/exposures.js", "hostshims/js/src/sticky.js",
		},
		but: map[string]string{
			"Unix epoch": unixEpoch, "Unix\n// epoch": unixEpoch, "Unix\n\t// epoch": unixEpoch, "epoch_ms": ofDuckDB,
			"Epoch: 1, Revision": ofManifests, "EpochOf": ofManifests, "ErrEpoch": ofManifests, "Epoch, next.Base": ofManifests,
		},
	},
	{
		was: regexp.MustCompile(`switch_without_epoch|SwitchWithoutEpoch|epoch_(before|after)|Epoch(Before|After)|\[experiment, epoch|(experiment|former)\.epoch`),
		now: "phase", except: map[string]string{"CHANGELOG.md": changes},
	},
	{
		was: regexp.MustCompile(`(?i:homeless|overt[ao]o?k)|\bWay(Kept|Delta|Zstd|Gzip)\b`), now: "unplaced, withdrawn or FetchMethod",
		except: map[string]string{"CHANGELOG.md": changes},
	},
	{
		was: regexp.MustCompile(`publisher/(record|tests|rollout|analysis/history|config/closest)\b|edge/problem\b|hostshims/cookie\b`),
		now: "the package that docs/explanation/architecture.md names",
	},
	{
		was: regexp.MustCompile(`\baudit records?\b|RecordName|\bdirectory records?\b`),
		now: "leaf, of an entry of the audit log, or declaration, of a directory",
	},
	{was: regexp.MustCompile(`bundle\.Directory\b|src/directory\.js|snapshot\.directory\b`), now: "catalog"},
}

// word matches a word, in lower or upper case, also within a name such as drawLots or lot_of.
func word(pattern string) *regexp.Regexp {
	upper := strings.ToUpper(pattern[:1]) + pattern[1:]
	return regexp.MustCompile(`(?:^|[^A-Za-z])(?:` + pattern + `)(?:[^a-z]|$)|(?:^|[^A-Z])(?:` + upper + `)(?:[^a-z]|$)`)
}

// TestWords holds the tree to one word for one idea, as far as a program can tell.
func TestWords(t *testing.T) {
	texts, err := readTexts("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range misused(texts, replacedWords) {
		t.Error(problem)
	}
}

// TestWordsAreFound uses each word where it may not stand, and where it may.
func TestWordsAreFound(t *testing.T) {
	words := []replaced{{
		was: word(`lots?`), now: "draw", in: []string{"a"},
		but: map[string]string{"by lot": "motto"}, except: map[string]string{"a/x.md": "history"},
	}}
	used := text{"a/x.md", "the lot"}
	for _, test := range []struct {
		text  text
		found bool
	}{
		{text{"a/b.go", "slots, a plot"}, false},
		{text{"a/b.go", "type Slots int"}, false},
		{text{"a/b.go", "by lot"}, false},
		{text{"b/b.go", "the lot"}, false},
		{text{"ab.go", "the lot"}, false},
		{text{"a/b.go", "the lot"}, true},
		{text{"a/b.go", "lots := 1"}, true},
		{text{"a/b.go", "func drawLots() {}"}, true},
		{text{"a/b.go", `"lot_of"`}, true},
		{text{"a/b.go", "Lot"}, true},
		{text{"a/b.go", "by lot\nlot"}, true},
	} {
		problems := misused([]text{used, test.text}, words)
		if test.found != (len(problems) == 1) || !test.found && len(problems) > 0 {
			t.Errorf("%q in %s: %q", test.text.content, test.text.path, problems)
		}
	}
	if problems := misused([]text{{"b.go", ""}}, words); len(problems) != 1 || !strings.Contains(problems[0], "a/x.md") {
		t.Errorf("an exception that is not needed: %q", problems)
	}
}

// A text is a file that people write or read, with its path from the top.
type text struct{ path, content string }

// misused says where texts have replaced words, and which exceptions are not needed.
func misused(texts []text, words []replaced) (problems []string) {
	for _, w := range words {
		needed := map[string]bool{}
		for _, x := range texts {
			if len(w.in) > 0 && !slices.ContainsFunc(w.in, x.within) {
				continue
			}
			content := x.content
			for phrase := range w.but {
				content = strings.ReplaceAll(content, phrase, strings.Repeat("\n", strings.Count(phrase, "\n")))
			}
			at := w.was.FindStringIndex(content)
			if at == nil {
				continue
			}
			allowed := false
			for place := range w.except {
				if x.within(place) {
					needed[place], allowed = true, true
				}
			}
			if !allowed {
				line := 1 + strings.Count(content[:at[1]], "\n")
				problems = append(problems, fmt.Sprintf("%s:%d: %q: write %s", x.path, line, strings.TrimSpace(content[at[0]:at[1]]), w.now))
			}
		}
		for place := range w.except {
			if !needed[place] {
				problems = append(problems, fmt.Sprintf("%s need not be allowed to use %s", place, w.was))
			}
		}
	}
	return problems
}

// within reports whether the text is a file, or lies in a folder.
func (x text) within(place string) bool {
	return x.path == place || strings.HasPrefix(x.path, place+"/")
}

var textExtensions = []string{
	".go", ".js", ".mjs", ".ts", ".html", ".css", ".sql", ".golden", ".md", ".txt", ".txtar", ".yaml", ".yml", ".sh", ".toml",
}

// readTexts reads the texts of the repository but for wordsFile and what others wrote.
func readTexts(top string) (texts []text, err error) {
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return filepath.SkipDir
		case d.IsDir() || !slices.Contains(textExtensions, filepath.Ext(path)):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(top, path)
		if name = filepath.ToSlash(name); name != wordsFile {
			texts = append(texts, text{name, string(data)})
		}
		return err
	})
	return texts, err
}
