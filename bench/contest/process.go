package contest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// Process is a contestant in a process of its own.
type Process struct {
	name string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *json.Decoder
}

// Start starts a contestant.
func Start(name string, command []string) (*Process, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &Process{name: name, cmd: cmd, in: in, out: json.NewDecoder(out)}, nil
}

// ID returns the id of the process.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// Stop ends the process.
func (p *Process) Stop() error {
	return errors.Join(p.in.Close(), p.cmd.Wait())
}

func (p *Process) do(o order) (answer, error) {
	var a answer
	if err := json.NewEncoder(p.in).Encode(o); err != nil {
		return a, fmt.Errorf("%s: %w", p.name, err)
	}
	if err := p.out.Decode(&a); err != nil {
		return a, fmt.Errorf("%s: %s: %w", p.name, o.Do, err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s: %s", p.name, o.Do, a.Error)
	}
	return a, nil
}

// Prepare gives the contestant the workload as a file, and as a bundle in a directory.
func (p *Process) Prepare(file, bucket string) error {
	_, err := p.do(order{Do: "prepare", Workload: file, Bucket: bucket})
	return err
}

// Cold is the time from the bytes of the configuration to the first decision.
type Cold struct{ CPU, Wall time.Duration }

// Open makes the contestant ready and has it decide once.
func (p *Process) Open() (Cold, error) {
	a, err := p.do(order{Do: "open"})
	return Cold{time.Duration(a.CPU), time.Duration(a.Wall)}, err
}

// Memory returns the bytes that are in use beyond those before Open.
func (p *Process) Memory() (int64, error) {
	a, err := p.do(order{Do: "memory"})
	return a.Bytes, err
}

// Check compares what the contestant matches with the reference.
func (p *Process) Check(reference [][]int) error {
	a, err := p.do(order{Do: "matches"})
	if err != nil {
		return err
	}
	if len(a.Matches) != len(reference) {
		return fmt.Errorf("%s answers %d of %d requests", p.name, len(a.Matches), len(reference))
	}
	for i, want := range reference {
		if !slices.Equal(a.Matches[i], want) {
			return fmt.Errorf("%s disagrees with the reference on request %d: it matches %v, not %v", p.name, i, a.Matches[i], want)
		}
	}
	return nil
}

// Work is the kind of call that is timed.
type Work string

// One decision, and all decisions for one user.
const (
	One Work = "one"
	All Work = "all"
)

// Time repeats the call for at least the budget of CPU time. It returns the CPU time of one
// call, in nanoseconds.
func (p *Process) Time(w Work, budget time.Duration) (float64, error) {
	a, err := p.do(order{Do: string(w), Budget: int64(budget)})
	if err != nil {
		return 0, err
	}
	return float64(a.CPU) / float64(a.Count), nil
}

// Repeat makes the call n times, for one request after another. Only contestants in Go can.
func (p *Process) Repeat(w Work, n int) error {
	_, err := p.do(order{Do: string(w), Times: n})
	return err
}
