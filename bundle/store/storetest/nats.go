package storetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// NATSVariable names the environment variable with the path of the nats-server program;
// without it, PATH is searched.
const NATSVariable = "SORTITION_NATS"

// ErrNoNATS says that the program is not installed, and how to install it.
var ErrNoNATS = errors.New("there is no nats-server in PATH: run 'go install github.com/nats-io/nats-server/v2@v2.15.2' and set " +
	NATSVariable + " to the program")

// NATS is nats-server in a process of its own.
type NATS struct {
	URL string

	process *exec.Cmd
	ended   chan error
}

// StartNATS runs a server until Close. If address is empty, the server chooses one. The error is
// [ErrNoNATS] if the program is not installed.
func StartNATS(address string) (*NATS, error) {
	program := os.Getenv(NATSVariable)
	var err error
	if program == "" {
		if program, err = exec.LookPath("nats-server"); err != nil {
			return nil, ErrNoNATS
		}
	}
	if address == "" {
		address = "127.0.0.1:-1" // the server chooses a port and writes it to a file
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ports, err := os.MkdirTemp("", "nats")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(ports) // a temporary directory
	s := &NATS{ended: make(chan error, 1)}
	s.process = exec.Command(program, "--addr", host, "--port", port, "--ports_file_dir", ports)
	var output bytes.Buffer
	s.process.Stdout, s.process.Stderr = &output, &output
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.process.Wait() }()
	for deadline := time.Now().Add(startDeadline); ; time.Sleep(startPoll) {
		if s.URL = readPorts(ports); s.URL != "" {
			return s, nil
		}
		select {
		case ended := <-s.ended:
			return nil, fmt.Errorf("nats-server on %s ended: %w: %s", address, ended, output.Bytes())
		default:
		}
		if time.Now().After(deadline) {
			s.Close()
			return nil, fmt.Errorf("nats-server on %s does not start", address)
		}
	}
}

// readPorts returns the URL at which the server listens, or "" if it does not listen yet.
func readPorts(directory string) string {
	files, _ := filepath.Glob(filepath.Join(directory, "*.ports")) // the pattern is valid
	if len(files) == 0 {
		return ""
	}
	text, err := os.ReadFile(files[0])
	var ports struct{ NATS []string }
	if err != nil || json.Unmarshal(text, &ports) != nil || len(ports.NATS) == 0 {
		return "" // half written
	}
	return ports.NATS[0]
}

// Close kills the server.
func (s *NATS) Close() {
	s.process.Process.Kill() // it may have ended
	s.ended <- <-s.ended
}
