// Command bench compares Sortition with a hand-written loop and with the evaluators of
// other systems. It runs them on the same work and prints one table. See README.md.
//
//	make bench
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bench/contest"
	"github.com/sortition-dev/sortition/bench/machine"
)

// contestantArgument makes this program run a contestant. The benchmark starts a process
// for each.
const contestantArgument = "contestant"

// stageArgument makes this program write a workload to a folder, to run contestants by
// hand:
//
//	go run . stage W2 folder
const stageArgument = "stage"

func main() {
	if len(os.Args) == 3 && os.Args[1] == contestantArgument {
		exit(serve(os.Args[2]))
	}
	if len(os.Args) == 4 && os.Args[1] == stageArgument {
		exit(writeStage(os.Args[2], os.Args[3]))
	}
	results := flag.String("results", "", "write the table and the plot to this folder")
	flag.Parse()
	exit(run(*results))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(id string) error {
	c, err := goContestant(id)
	if err != nil {
		return err
	}
	return contest.Serve(c, os.Stdin, os.Stdout)
}

func run(results string) error {
	if err := checkNode(); err != nil {
		return err
	}
	directory, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)

	m := newMeasurements(directory)
	if err := m.measure(); err != nil {
		return err
	}
	var text strings.Builder
	machine := machine.Describe()
	if err := m.write(&text, machine); err != nil {
		return err
	}
	if _, err := io.WriteString(os.Stdout, text.String()); err != nil || results == "" {
		return err
	}
	base := filepath.Join(results, fmt.Sprintf("%s-%s", time.Now().Format(time.DateOnly), machine.Slug()))
	if err := os.WriteFile(base+".txt", []byte(text.String()), 0o644); err != nil {
		return err
	}
	return os.WriteFile(base+".svg", []byte(m.plot()), 0o644)
}

func checkNode() error {
	if _, err := exec.LookPath("node"); err != nil {
		return fmt.Errorf("the JavaScript contestants need Node: %w", err)
	}
	if _, err := os.Stat(filepath.Join("node", "node_modules")); err != nil {
		return fmt.Errorf("the JavaScript contestants are not installed: run `npm ci` in bench/node, or `make bench`")
	}
	return nil
}
