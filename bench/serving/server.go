package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// server is a program that answers the workload's requests.
type server struct {
	name    string
	command []string
	missing string // why the program cannot be measured; empty if it can
	address string
	log     string // file for what it prints
	count   bool   // its instructions are counted too

	// requests are whole HTTP requests, one for each user. outsider is the request of a user
	// whom the flag does not target; nil for a server that does not decide.
	requests [][]byte
	outsider []byte

	// decided reports whether an answer gives a variant by the flag's rule. An error means that
	// the answer is not one at all.
	decided func(answer []byte) (bool, error)

	cmd    *exec.Cmd
	exited chan struct{}
}

// patience is how long a server may take until it answers, and until it stops.
const patience = 60 * time.Second

// start runs the server, and returns when it answers every request as it should.
func (s *server) start() error {
	log, err := os.Create(s.log)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(s.command[0], s.command[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	s.exited = make(chan struct{})
	go func() {
		_ = s.cmd.Wait() // it is ended by a signal
		close(s.exited)
	}()
	for end := time.Now().Add(patience); ; {
		err := s.check()
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return s.failed(errors.New("it has ended"))
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(end) {
			return errors.Join(s.failed(err), s.stop())
		}
	}
}

// failed adds to an error what the server has printed.
func (s *server) failed(err error) error {
	const last = 2000
	printed, _ := os.ReadFile(s.log) // the error is the message
	return fmt.Errorf("%s: %w\n%s", s.name, err, printed[max(0, len(printed)-last):])
}

// check sends each request once.
func (s *server) check() error {
	c, err := dial(s.address)
	if err != nil {
		return err
	}
	defer c.close()
	requests := slices.Clone(s.requests)
	if s.outsider != nil {
		requests = append(requests, s.outsider)
	}
	for i, request := range requests {
		answer, err := c.ask(request)
		if err != nil {
			return err
		}
		decided, err := s.decided(answer)
		if err != nil {
			return err
		}
		if want := i < len(s.requests); decided != want {
			return fmt.Errorf("request %d is decided by the rule: %v, not %v: %s", i, decided, want, answer)
		}
	}
	return nil
}

// stop ends the server.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.exited:
		return nil
	case <-time.After(patience):
	}
	err := s.cmd.Process.Kill()
	<-s.exited
	return errors.Join(fmt.Errorf("%s does not stop", s.name), err)
}
