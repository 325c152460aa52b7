package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"time"
)

// NATSVariable names the environment variable with the path of the nats-server program;
// without it, PATH is searched.
const NATSVariable = "SORTITION_NATS"

// ErrNoNATS says that the machine does not have the program, and how to get it.
var ErrNoNATS = errors.New("there is no nats-server in PATH: run 'go install github.com/nats-io/nats-server/v2@v2.15.2' and set " +
	NATSVariable + " to the program")

// NATS is nats-server in a process of its own.
type NATS struct {
	URL string

	process *exec.Cmd
	ended   chan error
}

// StartNATS runs a server until Close, at an address of its own or, if that is not empty,
// at a certain one. The error is ErrNoNATS if the program is missing.
func StartNATS(address string) (*NATS, error) {
	program := os.Getenv(NATSVariable)
	var err error
	if program == "" {
		if program, err = exec.LookPath("nats-server"); err != nil {
			return nil, ErrNoNATS
		}
	}
	if address == "" {
		if address, err = freeAddress(); err != nil {
			return nil, err
		}
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	s := &NATS{URL: "nats://" + address, ended: make(chan error, 1)}
	s.process = exec.Command(program, "--addr", host, "--port", port)
	var output bytes.Buffer
	s.process.Stdout, s.process.Stderr = &output, &output
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.process.Wait() }()
	for deadline := time.Now().Add(startDeadline); ; time.Sleep(startPoll) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return s, conn.Close()
		}
		select {
		case ended := <-s.ended:
			return nil, fmt.Errorf("nats-server on %s ended: %w: %s", address, ended, output.Bytes())
		default:
		}
		if time.Now().After(deadline) {
			s.Close()
			return nil, fmt.Errorf("nats-server on %s does not answer: %w", address, err)
		}
	}
}

// Close kills the server.
func (s *NATS) Close() {
	s.process.Process.Kill() // it may have ended
	s.ended <- <-s.ended
}
