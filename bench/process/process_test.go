package process

import (
	"os"
	"testing"
)

func TestOwnProcess(t *testing.T) {
	before, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for i := range 10_000_000 {
		sum ^= i
	}
	after, err := CPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if after <= before {
		t.Errorf("the CPU time was %v, and is %v after work (%d)", before, after, sum)
	}
	m, err := MemoryOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if m.Now <= 0 || m.Peak <= 0 {
		t.Errorf("the memory is %+v", m)
	}
}

func TestNoProcess(t *testing.T) {
	const none = 1 << 22 // beyond the largest pid
	if _, err := CPU(none); err == nil {
		t.Error("a process that does not run has a CPU time")
	}
	if _, err := MemoryOf(none); err == nil {
		t.Error("a process that does not run has memory")
	}
}
