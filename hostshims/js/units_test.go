package js

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestInNode runs the package's own tests.
func TestInNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("NODE IS NOT INSTALLED: the package's own tests were not run; install Node 20 or later")
	}
	files, err := filepath.Glob("test/*.test.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests: %v", err)
	}
	out, err := exec.Command(node, append([]string{"--test", "--test-reporter=tap"}, files...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, skipped := range regexp.MustCompile(`(?m)^ok .* # SKIP .*INSTALLED.*$`).FindAll(out, -1) {
		t.Run("skipped", func(t *testing.T) { t.Skipf("%s", skipped) })
	}
}
