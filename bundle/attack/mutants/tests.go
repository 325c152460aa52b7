package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const (
	// variable of the environment tells a test which mutant is to be.
	variable = "SORTITION_MUTANT"
	noMutant = -1

	// testTimeout bounds a run, also of all tests on a machine that has other work. A run
	// that takes longer has found nothing.
	testTimeout = "5m"

	// maxOutput bounds how much of a run's output is shown, in bytes.
	maxOutput = 4 << 10
)

// test is one test, and the package that it is in. One that goes by chance has several
// seeds to fail with.
type test struct {
	in, name string
	seeds    int
}

func (t test) String() string { return t.in + " " + t.name }

// pattern selects the test alone.
func (t test) pattern() string {
	parts := strings.Split(strings.ReplaceAll(t.name, " ", "_"), "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// build compiles the tests of every package that is to catch a mutant, all at once, and
// returns their binaries by package.
func build(ctx context.Context, work, overlay string) (map[string]string, error) {
	binaries := map[string]string{}
	args := []string{"test", "-c", "-vet", "off", "-overlay", overlay, "-o", work + string(filepath.Separator)}
	for _, m := range mutants {
		in := m.test.in
		if binaries[in] == "" {
			binaries[in] = filepath.Join(work, path.Base(in)+".test")
			args = append(args, "./"+in)
		}
	}
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the mutants do not compile: %w\n%s", err, out)
	}
	return binaries, nil
}

// runTest runs tests of a package with one mutant.
func runTest(ctx context.Context, binary, in, pattern string, mutant int, flags ...string) (out string, err error) {
	c := exec.CommandContext(ctx, binary, append(flags, "-test.run", pattern, "-test.short", "-test.failfast", "-test.timeout", testTimeout)...)
	c.Dir = in
	c.Env = append(os.Environ(), variable+"="+strconv.Itoa(mutant))
	combined, err := c.CombinedOutput()
	return string(combined), err
}

// end is as much of a run's output as is shown.
func end(out string) string { return out[max(0, len(out)-maxOutput):] }
