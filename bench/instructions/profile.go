package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// profile lists the functions in which a contestant spends its instructions.
func profile(directory, name string, n, top int) error {
	s, err := parseSubject(name)
	if err != nil {
		return err
	}
	if s.open {
		n = 1
	}
	program := filepath.Join(directory, "bench")
	if err := buildNamed(directory, program); err != nil {
		return err
	}
	l := newLaboratory(directory, program)
	file, pid, err := l.count(s, n)
	if err != nil {
		return err
	}
	// The program writes the addresses of the functions that wazero compiles, and wazero chooses
	// the path.
	addresses := fmt.Sprintf("/tmp/perf-%d.map", pid)
	defer os.Remove(addresses)
	compiled, err := readMap(addresses)
	if err != nil {
		return err
	}
	listing, err := exec.Command("callgrind_annotate", "--threshold=100", "--auto=no", file).Output()
	if err != nil {
		return fmt.Errorf("callgrind_annotate: %w", err)
	}
	readListing(listing, compiled).write(os.Stdout, n, top)
	return nil
}

// buildNamed builds the benchmark with a core that keeps the names of its functions.
func buildNamed(directory, program string) error {
	core, err := filepath.Abs(filepath.Join("..", "wasm", "core.wasm"))
	if err != nil {
		return err
	}
	named, overlay := filepath.Join(directory, "named.wasm"), filepath.Join(directory, "overlay.json")
	toolchain := exec.Command(filepath.Join("..", "wasm", "build", "build.sh"), named)
	toolchain.Env = append(os.Environ(), "SORTITION_CORE_NAMES=1")
	if err := quietly(toolchain); err != nil {
		return err
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{core: named}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(overlay, replace, 0o600); err != nil {
		return err
	}
	// With this tag wazero writes the addresses of the functions that it compiles.
	return quietly(exec.Command("go", "build", "-tags", "perfmap", "-overlay", overlay, "-o", program, "."))
}
