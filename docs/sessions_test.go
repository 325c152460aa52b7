package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// notRun is how many blocks say that they cannot run in a test. A new one has to be counted
// here, and have a reason that nobody can help.
const notRun = 12

// TestSessions runs the commands of every page, and compares what they print with what the
// page shows.
func TestSessions(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: no command of the documentation was run, because there is no %s here", tool)
		}
	}
	programs, err := build()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range readPages(t) {
		if !p.hasCommands() {
			continue
		}
		t.Run(p.path, func(t *testing.T) {
			t.Parallel()
			p.run(t, programs)
		})
	}
}

// TestNotRun counts the blocks that are marked as not run, and holds each to a reason.
func TestNotRun(t *testing.T) {
	count := 0
	for _, p := range readPages(t) {
		for i, c := range p.parts {
			name, reason := c.directive()
			if name != "not run" {
				continue
			}
			count++
			if len(reason) < len("needs x") || i+1 == len(p.parts) || !p.parts[i+1].isCommands() {
				t.Errorf("%s:%d: the mark has no reason, or there are no commands below it", p.path, c.line)
			}
			t.Logf("%s:%d: not run: %s", p.path, c.line, reason)
		}
	}
	t.Logf("%d blocks of commands are not run", count)
	if count != notRun {
		t.Errorf("%d blocks of commands are marked as not run, and %d are expected", count, notRun)
	}
}

// hasCommands tells whether something of the page runs.
func (p page) hasCommands() bool {
	for i, c := range p.parts {
		if name, _ := c.directive(); name == "run" || p.runs(i) {
			return true
		}
	}
	return false
}

// runs tells whether a part is commands that run, and not those of a file.
func (p page) runs(i int) bool { return p.parts[i].isCommands() && p.before(i) == "" }

// before is what the comment before a block does with it, or "".
func (p page) before(i int) string {
	if i == 0 {
		return ""
	}
	switch name, _ := p.parts[i-1].directive(); name {
	case "not run", "file", "append", "from":
		return name
	}
	return ""
}

// run runs the page from top to bottom.
func (p page) run(t *testing.T, programs string) {
	programs = p.find(t, programs)
	s := newShell(t, programs)
	var wait time.Duration
	wantStatus := 0
	for i, c := range p.parts {
		at := fmt.Sprintf("%s:%d", p.path, c.line)
		name, value := c.directive()
		var err error
		switch {
		case name == "run":
			if output, status, err := s.run(value); err != nil || status != 0 {
				t.Fatalf("%s: $ %s\nexit status %d, %v\n%s", at, value, status, err, output)
			}
		case name == "wait":
			wait, err = time.ParseDuration(value)
		case name == "exit":
			wantStatus, err = strconv.Atoi(value)
		case c.comment != "" || p.before(i) == "not run":
		case p.runs(i):
			commands, err := c.commands()
			if err != nil {
				t.Fatalf("%s: %v", p.path, err)
			}
			for _, shown := range commands {
				p.try(t, s, shown, wait, wantStatus)
			}
			wait, wantStatus = 0, 0
		case p.before(i) == "file":
			err = s.write(p.parts[i-1].value(), c.text, os.O_TRUNC)
		case p.before(i) == "append":
			err = s.write(p.parts[i-1].value(), c.text, os.O_APPEND)
		}
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
	}
}

// try runs one command, again and again for as long as it may take to print what is shown.
func (p page) try(t *testing.T, s *shell, shown command, wait time.Duration, wantStatus int) {
	t.Helper()
	want := pattern(s.local(shown.output))
	if background(shown.text) { // it may go on to print
		want = pattern("…" + s.local(shown.output) + "…")
	}
	for deadline := time.Now().Add(wait); ; time.Sleep(pause) {
		output, status, err := s.run(shown.text)
		if err != nil {
			t.Fatalf("%s:%d: $ %s\n%v\n%s", p.path, shown.line, shown.text, err, output)
		}
		good := status == wantStatus && (shown.output == "" || want.MatchString(squeeze(output)))
		if good {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s:%d: $ %s\nprints, with exit status %d,\n%s\nthe page shows\n%s",
				p.path, shown.line, shown.text, status, output, s.local(shown.output))
		}
	}
}

// find gives the directories of the programs that the page needs beside bash, or skips it.
func (p page) find(t *testing.T, programs string) string {
	for _, c := range p.parts {
		name, value := c.directive()
		if name != "needs" {
			continue
		}
		for program := range strings.SplitSeq(value, ", ") {
			path := installed(program)
			if path == "" {
				t.Skipf("SKIPPED: the commands of %s were not run, because there is no %s here", p.path, program)
			}
			dir := t.TempDir()
			if err := os.Symlink(path, filepath.Join(dir, program)); err != nil {
				t.Fatal(err)
			}
			programs += ":" + dir
		}
	}
	return programs
}

// installed is the path of a program: one that a variable such as SORTITION_VERSITYGW names,
// that is in PATH, or that the tests of hostshims/js have installed; "" if there is none.
func installed(program string) string {
	if path := os.Getenv("SORTITION_" + strings.ToUpper(program)); path != "" {
		return path
	}
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	modules := filepath.Join(repository, "hostshims", "js", "test", "node_modules")
	for _, pattern := range []string{"@oven/" + program + "-*/bin/" + program, "@" + program + "/*/" + program, ".bin/" + program} {
		found, err := filepath.Glob(filepath.Join(modules, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			continue
		}
		if path, err := filepath.Abs(found[0]); err == nil {
			return path
		}
	}
	return ""
}

// pattern matches an output of which … stands for anything, and white space for nothing.
func pattern(shown string) *regexp.Regexp {
	parts := strings.Split(squeeze(shown), "…")
	for i, part := range parts {
		parts[i] = regexp.QuoteMeta(part)
	}
	return regexp.MustCompile("(?s)^" + strings.Join(parts, ".*") + "$")
}

// squeeze takes out white space, which pages add to break lines.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		shown, printed string
		want           bool
	}{
		{"a b\n c", "abc\n", true},
		{"abc", "abcd", false},
		{"a…d", "a b c d", true},
		{"a…d", "a b c e", false},
		{"[1] …", "[1] 4711", true},
	} {
		if got := pattern(c.shown).MatchString(squeeze(c.printed)); got != c.want {
			t.Errorf("%q shown, %q printed: %v", c.shown, c.printed, got)
		}
	}
}

func TestParse(t *testing.T) {
	const good = "<!-- wait: 2s -->\n```console\n$ one \\\n  two\nprinted\n$ three 'a\nb'\n```\n\n- item\n\n      of a list\n"
	parts, err := parse(good)
	if err != nil || len(parts) != 2 || parts[1].line != 2 {
		t.Fatalf("%+v, %v", parts, err)
	}
	if name, value := parts[0].directive(); name != "wait" || value != "2s" {
		t.Errorf("the comment says %q of %q", value, name)
	}
	commands, err := parts[1].commands()
	want := []command{{line: 3, text: "one \\\n  two", output: "printed\n"}, {line: 6, text: "three 'a\nb'"}}
	if err != nil || !slices.Equal(commands, want) {
		t.Errorf("the commands are %+v, %v", commands, err)
	}
	for text, problem := range map[string]string{
		"Text:\n\n    $ indented\n":        "3: a code block is indented",
		"```\n$ a\n```\n":                  `1: a code block has the language ""`,
		"```bash\n$ a\n```\n":              `1: a code block has the language "bash"`,
		"```text\na\n$ b\n```\n":           "3: there is a command in a block of text",
		"```console\n$ a\n":                "1: the code block does not end",
		"<!-- not run: needs\na cluster\n": "1: the comment does not end",
	} {
		if _, err := parse(text); err == nil || !strings.HasPrefix(err.Error(), problem) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := (part{language: "console", text: "ls\n"}).commands(); err == nil {
		t.Error("a session may begin without a command")
	}
}
