// Command instructions counts the instructions that one operation of a benchmark of package
// engines takes, by function, including functions in WebAssembly. It needs valgrind and, for
// WebAssembly, the core's toolchain. Unlike times, the counts do not depend on the machine's
// load.
//
//	go run ./instructions -bench W1/wazero -n 512
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	benchmark := flag.String("bench", "W1/wazero", "the benchmark: W1, W2, Realistic or Open, then loop, native, host-native or wazero")
	n := flag.Int("n", 1024, "number of operations to count; a larger number reduces noise")
	top := flag.Int("top", 20, "number of functions to list")
	flag.Parse()
	if err := run(*benchmark, *n, *top); err != nil {
		fmt.Fprintln(os.Stderr, "instructions:", err)
		os.Exit(1)
	}
}

// warm is the number of operations that are not counted.
const warm = 8

func run(benchmark string, n, top int) error {
	if _, err := exec.LookPath("valgrind"); err != nil {
		return errors.New("valgrind is not installed")
	}
	directory, err := os.MkdirTemp("", "sortition-instructions-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	binary, err := build(directory)
	if err != nil {
		return err
	}
	before, err := count(directory, binary, benchmark, warm)
	if err != nil {
		return err
	}
	after, err := count(directory, binary, benchmark, warm+n)
	if err != nil {
		return err
	}
	after.subtract(before)
	after.write(os.Stdout, n, top)
	return nil
}

// build compiles the test program with a core that keeps the names of its functions.
func build(directory string) (string, error) {
	core, err := filepath.Abs(filepath.Join("..", "wasm", "core.wasm"))
	if err != nil {
		return "", err
	}
	named, overlay := filepath.Join(directory, "named.wasm"), filepath.Join(directory, "overlay.json")
	toolchain := exec.Command(filepath.Join("..", "wasm", "build", "build.sh"), named)
	toolchain.Env = append(os.Environ(), "SORTITION_CORE_NAMES=1")
	if err := quietly(toolchain); err != nil {
		return "", err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{core: named}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return "", err
	}
	binary := filepath.Join(directory, "engines.test")
	// With this tag wazero writes the addresses of the functions that it compiles.
	return binary, quietly(exec.Command("go", "test", "-c", "-tags", "perfmap", "-overlay", overlay, "-o", binary, "./engines"))
}

// count runs the benchmark for n operations, and counts all instructions of the process.
func count(directory, binary, benchmark string, n int) (counts, error) {
	out := filepath.Join(directory, "callgrind.out")
	cmd := exec.Command("valgrind", "--tool=callgrind", "--callgrind-out-file="+out, binary,
		"-test.run", "^$", "-test.bench", "^Benchmark"+strings.ReplaceAll(benchmark, "/", "$/^")+"$",
		"-test.benchtime", fmt.Sprintf("%dx", n), "-test.cpu", "1")
	// No garbage collection and no preemption, because their timing varies.
	cmd.Env = append(os.Environ(), "GOGC=off", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	if err := quietly(cmd); err != nil {
		return nil, err
	}
	// wazero chooses the path.
	mapFile := fmt.Sprintf("/tmp/perf-%d.map", cmd.Process.Pid)
	defer os.Remove(mapFile)
	compiled, err := readMap(mapFile)
	if err != nil {
		return nil, err
	}
	listing, err := exec.Command("callgrind_annotate", "--threshold=100", "--auto=no", out).Output()
	if err != nil {
		return nil, fmt.Errorf("callgrind_annotate: %w", err)
	}
	return readListing(listing, compiled), nil
}

// quietly runs a command, and shows its output only if it fails.
func quietly(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, &said)
	}
	return nil
}
