// Package callgrind counts the instructions of a process with valgrind, which need not be those
// of its whole life: counting begins when Begin says so.
//
// This package is internal to Sortition and may change without notice.
package callgrind

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// ErrMissing says that valgrind is not installed.
var ErrMissing = errors.New("valgrind is not installed, so no instructions were counted")

// Installed returns ErrMissing, or nil if instructions can be counted here.
func Installed() error {
	if _, err := exec.LookPath("valgrind"); err != nil {
		return ErrMissing
	}
	return nil
}

// Version returns what stands in the head of results.
func Version() string {
	out, err := exec.Command("valgrind", "--version").Output()
	if err != nil {
		return "valgrind unknown"
	}
	return strings.TrimSpace(string(out))
}

// Command returns the command that runs a program written in Go, so that its instructions can be
// counted. Out is the file for the counts.
func Command(out string, program ...string) []string {
	return append([]string{"env",
		// No garbage collection and no preemption, because their timing varies.
		"GOGC=off", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1",
		"valgrind", "-q", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=" + out}, program...)
}

// Begin begins to count the instructions of a running process.
func Begin(pid int) error { return control(pid, "--instr=on") }

// Dump writes what was counted since Begin, and returns the file. Out is that of Command. Call it
// once.
func Dump(pid int, out string) (string, error) { return out + ".1", control(pid, "--dump") }

func control(pid int, command string) error {
	var said bytes.Buffer
	cmd := exec.Command("callgrind_control", command, fmt.Sprint(pid))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, &said)
	}
	return nil
}

// Total reads the number of instructions in a file of Dump.
func Total(file string) (int64, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if total, ok := strings.CutPrefix(line, "totals:"); ok {
			return strconv.ParseInt(strings.TrimSpace(total), 10, 64)
		}
	}
	return 0, fmt.Errorf("%s has no line with totals", file)
}
