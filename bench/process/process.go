// Package process measures other processes: the programs that a benchmark starts and loads. It
// works on Linux.
//
// This package is internal to Sortition and may change without notice.
package process

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU returns the CPU time that a running process has taken so far: user and system, all of its
// threads, without its children. The resolution is one nanosecond.
func CPU(pid int) (time.Duration, error) {
	// The kernel's number for the CPU clock of a process; see clock_getcpuclockid(3).
	const scheduled = 2
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &t); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// Memory is the physical memory that a process uses, in bytes.
type Memory struct {
	Now, Peak int64
}

// MemoryOf returns the memory of a running process.
func MemoryOf(pid int) (Memory, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	var missing error
	if m.Now, err = kilobytes(status, "VmRSS"); err != nil {
		missing = errors.Join(missing, err)
	}
	if m.Peak, err = kilobytes(status, "VmHWM"); err != nil {
		missing = errors.Join(missing, err)
	}
	return m, missing
}

// kilobytes reads a line such as "VmRSS:	  123 kB", and returns bytes.
func kilobytes(status []byte, name string) (int64, error) {
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		value, ok := strings.CutPrefix(lines.Text(), name+":")
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 64)
		return n * 1024, err
	}
	return 0, fmt.Errorf("/proc/…/status has no line %s", name)
}
