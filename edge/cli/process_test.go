package cli_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/edge/cli"
)

// asEdge makes the test's own executable behave as the edge program.
const asEdge = "SORTITION_TEST_AS_EDGE"

func TestMain(m *testing.M) {
	if os.Getenv(asEdge) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// patience ends a test that would hang. Nothing depends on how long things take.
const patience = 60 * time.Second

// process is a running edge program.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	url    string // where it listens
	exited chan struct{}

	mu     sync.Mutex
	stderr strings.Builder
}

// start runs the edge program and waits until it listens.
func start(t testing.TB, args ...string) *process {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startProgram(t, executable, args...)
}

// startProgram does so with a certain executable.
func startProgram(t testing.TB, executable string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(executable, args...), exited: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), asEdge+"=1")
	pipe, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		select {
		case <-p.exited:
		default:
			p.kill()
		}
		if t.Failed() {
			t.Logf("edge %s:\n%s", args[0], p.log())
		}
	})
	listening := make(chan string, 1)
	go p.read(pipe, listening)
	select {
	case p.url = <-listening:
	case <-p.exited:
		t.Fatalf("edge %v ended with %v:\n%s", args, p.cmd.ProcessState, p.log())
	case <-time.After(patience):
		t.Fatalf("edge %v does not listen:\n%s", args, p.log())
	}
	return p
}

// read keeps the output and waits for the process.
func (p *process) read(pipe io.Reader, listening chan<- string) {
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		p.mu.Lock()
		p.stderr.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			listening <- url
		}
	}
	_ = p.cmd.Wait() // the state is what the tests look at
	close(p.exited)
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// signal sends a signal to the process.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns the exit status.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("the process does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop ends the process as an operator would, and returns the exit status.
func (p *process) stop() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.wait()
}

// kill ends the process without warning.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.exited
}
