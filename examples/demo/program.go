package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// program is a server that the demo started.
type program struct {
	name    string
	address string // base URL
	command *exec.Cmd
	log     string // path
	done    chan error
}

// start starts `edge name args…` and waits until it prints its address. Its output goes
// to a log file.
func (s *stage) start(ctx context.Context, name string, args ...string) (*program, error) {
	p := &program{name: name, log: s.path(name + ".log"), done: make(chan error, 1)}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	// The context does not stop the command; stop and kill do.
	p.command = exec.Command(s.path("edge"), append([]string{name}, args...)...)
	p.command.Env = s.environment()
	stderr, err := p.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	listening := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			fmt.Fprintln(log, lines.Text())
			if address, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				listening <- address
			}
		}
		log.Close()
		p.done <- p.command.Wait()
	}()
	timer := time.NewTimer(startLimit)
	defer timer.Stop()
	select {
	case p.address = <-listening:
		return p, nil
	case err := <-p.done:
		return nil, p.failed(fmt.Errorf("ended: %w", err))
	case <-timer.C:
		p.kill()
		return nil, p.failed(fmt.Errorf("not listening after %s", startLimit))
	case <-ctx.Done():
		p.kill()
		return nil, ctx.Err()
	}
}

// stop asks the program to finish, and waits until it has.
func (p *program) stop() error {
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return p.failed(err)
	}
	timer := time.NewTimer(stopLimit)
	defer timer.Stop()
	select {
	case err := <-p.done:
		p.done <- err
		if err != nil {
			return p.failed(err)
		}
		return nil
	case <-timer.C:
		p.kill()
		return p.failed(fmt.Errorf("still running %s after it was asked to stop", stopLimit))
	}
}

// kill ends the program if it still runs.
func (p *program) kill() {
	_ = p.command.Process.Kill()
	p.done <- <-p.done
}

func (p *program) failed(err error) error {
	log, _ := os.ReadFile(p.log)
	return fmt.Errorf("edge %s: %w\n%s", p.name, err, log)
}
