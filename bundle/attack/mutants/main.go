// Mutants shows that the attack tests have teeth. It takes the checks of the format, the
// hosts and the publishers away, one at a time, and requires that the test that is to
// hold each one then fails.
//
//	go run ./bundle/attack/mutants
//
// No file is touched: go test compiles changed sources in place of the real ones
// (-overlay), in which every check asks whether it is to be taken away. So the tests are
// built once, and each mutant is a run of one test.
//
// The program fails if a mutant survives, if a check is no longer where it was, and if
// one of the tests fails without any mutant.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	begin := time.Now()
	work, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	overlay, err := writeOverlay(work)
	if err != nil {
		return err
	}
	binaries, err := build(ctx, work, overlay)
	if err != nil {
		return err
	}
	if err := checkSound(ctx, binaries); err != nil {
		return err
	}
	verdicts := tryAll(ctx, binaries)
	survivors := 0
	for i, m := range mutants {
		verdict := "caught by " + m.test.String()
		if verdicts[i] != nil {
			survivors++
			verdict = "NOT CAUGHT: " + verdicts[i].Error()
		}
		fmt.Printf("%-58s %s\n", m.check, verdict)
	}
	fmt.Printf("%d of %d mutants are caught, in %d s\n", len(mutants)-survivors, len(mutants), int(time.Since(begin).Seconds()))
	if survivors > 0 {
		return fmt.Errorf("%d of %d mutants are not caught", survivors, len(mutants))
	}
	return nil
}

// checkSound requires that every test that is to fail passes as things are.
func checkSound(ctx context.Context, binaries map[string]string) error {
	functions := map[string][]string{}
	for _, m := range mutants {
		function, _, _ := strings.Cut(m.test.name, "/")
		if !slices.Contains(functions[m.test.in], function) {
			functions[m.test.in] = append(functions[m.test.in], function)
		}
	}
	for in, list := range functions {
		if out, err := runTest(ctx, binaries[in], in, "^("+strings.Join(list, "|")+")$", noMutant); err != nil {
			return fmt.Errorf("%s fails without any mutant: %w\n%s", in, err, end(out))
		}
	}
	return nil
}

// tryAll runs the test of every mutant, and tells for each why it was not caught.
func tryAll(ctx context.Context, binaries map[string]string) []error {
	verdicts := make([]error, len(mutants))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				verdicts[i] = mutants[i].try(ctx, binaries, i)
			}
		})
	}
	for i := range mutants {
		next <- i
	}
	close(next)
	workers.Wait()
	return verdicts
}

func (m *mutant) try(ctx context.Context, binaries map[string]string, number int) error {
	run := func(flags ...string) (string, error) {
		return runTest(ctx, binaries[m.test.in], m.test.in, m.test.pattern(), number, flags...)
	}
	out, err := run()
	for seed := 2; err == nil && seed <= m.test.seeds; seed++ {
		out, err = run("-seed", strconv.Itoa(seed))
	}
	switch {
	case err == nil && strings.Contains(out, "no tests to run"):
		return fmt.Errorf("there is no test %s", m.test)
	case err == nil:
		return fmt.Errorf("it survives %s", m.test)
	case !strings.Contains(out, "--- FAIL"):
		return fmt.Errorf("%s does not end with a verdict: %w\n%s", m.test, err, end(out))
	}
	return nil
}
