package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sortition-dev/sortition/bench/process"
)

// server is a program whose CPU time and memory are measured.
type server struct {
	cmd     *exec.Cmd
	address string        // from the line that it prints
	ready   time.Duration // CPU time until it was ready

	stop  chan struct{}
	watch sync.WaitGroup
	peak  int64 // bytes of physical memory
}

// start runs a command and waits for a line that says where it listens. The address follows the
// marker.
func start(marker string, command ...string) (*server, error) {
	s := &server{cmd: exec.Command(command[0], command[1:]...), stop: make(chan struct{})}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(stderr)
	for s.address == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("%s ends before it listens: %w", command[0], s.cmd.Wait())
		}
		if _, after, ok := strings.Cut(line, marker); ok {
			s.address = strings.TrimSpace(after)
		}
	}
	s.watch.Go(func() { io.Copy(io.Discard, lines) })
	s.watch.Go(s.watchMemory)
	s.ready, err = process.CPU(s.cmd.Process.Pid)
	return s, err
}

// watchMemory keeps the highest peak that the system reports until the server ends.
func (s *server) watchMemory() {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		if m, err := process.MemoryOf(s.cmd.Process.Pid); err == nil {
			s.peak = max(s.peak, m.Peak)
		}
		select {
		case <-ticker.C:
		case <-s.stop:
			return
		}
	}
}

// end stops the server. It returns the CPU time that it took after it was ready, until it had
// finished all of its work, and the peak of its memory.
func (s *server) end() (cpu time.Duration, peak int64, err error) {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, 0, err
	}
	err = s.cmd.Wait()
	close(s.stop)
	s.watch.Wait()
	state := s.cmd.ProcessState
	if state.ExitCode() == stopped {
		err = nil
	}
	return state.UserTime() + state.SystemTime() - s.ready, s.peak, err
}

// stopped is the exit status of nats-server after SIGTERM.
const stopped = 1
