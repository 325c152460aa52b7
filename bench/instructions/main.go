// Command instructions counts the instructions of one operation with valgrind. Unlike times, the
// counts do not depend on the machine's load. Without flags it prints a table with the goals:
//
//	make bench-instructions
//
// With -bench it lists the functions of one operation, including those in WebAssembly. That needs
// the core's toolchain:
//
//	go run ./instructions -bench W1/wazero
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bench/callgrind"
)

func main() {
	name := flag.String("bench", "", "list the functions of `WORK/CONTESTANT`: W1, W2, Realistic or Open, then loop, native, host-native or wazero")
	n := flag.Int("n", 1024, "number of operations to count with -bench; a larger number reduces noise")
	top := flag.Int("top", 20, "number of functions to list with -bench")
	results := flag.String("results", "", "write the table to this `folder` as well")
	flag.Parse()
	if err := run(*name, *n, *top, *results); err != nil {
		fmt.Fprintln(os.Stderr, "instructions:", err)
		os.Exit(1)
	}
}

func run(name string, n, top int, results string) error {
	if err := callgrind.Installed(); err != nil {
		if name != "" {
			return err
		}
		return writeSkipped(os.Stdout, err.Error())
	}
	directory, err := os.MkdirTemp("", "sortition-instructions-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	if name != "" {
		return profile(directory, name, n, top)
	}
	var text strings.Builder
	if err := writeTable(&text, directory); err != nil {
		return err
	}
	if _, err := io.WriteString(os.Stdout, text.String()); err != nil || results == "" {
		return err
	}
	return os.WriteFile(filepath.Join(results, time.Now().Format(time.DateOnly)+"-instructions.txt"), []byte(text.String()), 0o644)
}
