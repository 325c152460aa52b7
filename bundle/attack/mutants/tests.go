package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
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

// test is one test, and the package that it is in.
type test struct{ in, name string }

func (t test) String() string { return t.in + " " + t.name }

// pattern selects the test alone.
func (t test) pattern() string {
	parts := strings.Split(strings.ReplaceAll(t.name, " ", "_"), "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// build compiles the tests of every package that is to catch a mutant, and returns their
// binaries by package.
func build(ctx context.Context, work, overlay string) (map[string]string, error) {
	binaries := map[string]string{}
	for _, m := range mutants {
		in := m.test.in
		if binaries[in] != "" {
			continue
		}
		binaries[in] = filepath.Join(work, strings.ReplaceAll(in, "/", "_")+".test")
		out, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet", "off", "-overlay", overlay, "-o", binaries[in], "./"+in).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("the mutants of %s do not compile: %w\n%s", in, err, out)
		}
	}
	return binaries, nil
}

// runTest runs tests of a package with one mutant.
func runTest(ctx context.Context, binary, in, pattern string, mutant int) (out string, err error) {
	c := exec.CommandContext(ctx, binary, "-test.run", pattern, "-test.short", "-test.failfast", "-test.timeout", testTimeout)
	c.Dir = in
	c.Env = append(os.Environ(), variable+"="+strconv.Itoa(mutant))
	combined, err := c.CombinedOutput()
	return string(combined[max(0, len(combined)-maxOutput):]), err
}
