package attack_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is how SECURITY.md names a test: its package, its function, and of the attack
// table the world and the row.
var named = regexp.MustCompile("`([a-z/]+) (Test[A-Za-z0-9]+)(/[^`]+)?`")

// TestSecurityNamesTests checks that every test exists that SECURITY.md names, and that
// every promise names one.
func TestSecurityNamesTests(t *testing.T) {
	const repository = "../.."
	text, err := os.ReadFile(filepath.Join(repository, "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, s := range suites(t) {
		for _, r := range s.rows {
			rows["/"+s.world.name+"/"+r.attack] = true
		}
	}
	_, promises, _ := strings.Cut(string(text), "\n## Promises\n")
	promises, _, _ = strings.Cut(promises, "\n## ")
	count := 0
	for line := range strings.Lines(promises) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| promise") || strings.HasPrefix(line, "| ---") {
			continue
		}
		count++
		tests := named.FindAllStringSubmatch(line, -1)
		if len(tests) == 0 {
			t.Errorf("no test holds: %s", line)
		}
		for _, test := range tests {
			if !defines(t, filepath.Join(repository, test[1]), test[2]) {
				t.Errorf("there is no %s in %s", test[2], test[1])
			}
			if test[3] != "" && !rows[test[3]] {
				t.Errorf("there is no attack %s", test[3])
			}
		}
	}
	if count == 0 {
		t.Error("there are no promises")
	}
}

// defines tells whether a test function is in the test files of a directory.
func defines(t *testing.T, directory, function string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(directory, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), "\nfunc "+function+"(") {
			return true
		}
	}
	return false
}
