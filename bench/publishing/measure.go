package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// bench measures the steps of one publisher.
type bench struct {
	directory, self, publisher string
	shape                      string
	rounds                     int
}

// cost is what a process took. The CPU time is that of all its threads.
type cost struct {
	cpu, elapsed time.Duration
	peak         int64 // resident memory in bytes
}

func (c *cost) least(d cost) {
	if c.cpu == 0 {
		*c = d
		return
	}
	c.cpu, c.elapsed, c.peak = min(c.cpu, d.cpu), min(c.elapsed, d.elapsed), min(c.peak, d.peak)
}

// Steps that have goals.
const (
	checkAgain    = "check"
	publishChange = "publish, one change"
)

type row struct {
	step string
	cost cost
}

// measure returns the costs of all steps on a project of n experiments; the first is the floor.
func (b *bench) measure(n int) ([]row, error) {
	project := filepath.Join(b.directory, fmt.Sprint("project-", n))
	if _, err := process(b.self, projectCommand, project, b.shape, fmt.Sprint(n)); err != nil {
		return nil, err
	}
	if _, err := process(b.publisher, "keygen", project); err != nil {
		return nil, err
	}
	publish := func() (cost, error) {
		return process(b.publisher, "publish", project, "--yes", "--override", "affected", "--reason", "bench")
	}
	check := func() (cost, error) { return process(b.publisher, "check", project) }
	rows := []row{
		{step: "read and hash"}, {step: "check, no cache"}, {step: checkAgain}, {step: "check, one change"},
		{step: "first publish, no cache"}, {step: "publish, one change, no cache"}, {step: publishChange},
	}
	for round := range b.rounds {
		if err := os.RemoveAll(filepath.Join(project, "bucket")); err != nil {
			return nil, err
		}
		if err := os.Remove(filepath.Join(project, ".sortition", "audit-head")); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		steps := []func() (cost, error){
			func() (cost, error) { return process(b.self, floorCommand, project) },
			without(project, check),
			check,
			b.changing(project, 3*round, n, check),
			without(project, publish),
			without(project, b.changing(project, 3*round+1, n, publish)),
			b.changing(project, 3*round+2, n, publish),
		}
		for i, step := range steps {
			c, err := step()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", rows[i].step, err)
			}
			rows[i].cost.least(c)
		}
	}
	return rows, nil
}

// without removes the cache of a project before a step.
func without(project string, step func() (cost, error)) func() (cost, error) {
	return func() (cost, error) {
		if err := os.RemoveAll(filepath.Join(project, ".sortition", "cache")); err != nil {
			return cost{}, err
		}
		return step()
	}
}

// changing changes one line of the project before a step, another for each number.
func (b *bench) changing(project string, number, n int, step func() (cost, error)) func() (cost, error) {
	return func() (cost, error) {
		name := experimentFile(project, number*7%n)
		text, err := os.ReadFile(name)
		if err != nil {
			return cost{}, err
		}
		line := text[bytes.Index(text, []byte("traffic: ")):]
		line = line[:bytes.IndexByte(line, '\n')]
		text = bytes.Replace(text, line, fmt.Appendf(nil, "traffic: %d%%", 51+number), 1)
		if err := os.WriteFile(name, text, 0o644); err != nil {
			return cost{}, err
		}
		return step()
	}
}

// process runs a process to its end.
func process(name string, args ...string) (cost, error) {
	cmd := exec.Command(name, args...)
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	start := time.Now()
	err := cmd.Run()
	elapsed := time.Since(start)
	if err != nil {
		return cost{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, output.String())
	}
	used := cmd.ProcessState
	c := cost{cpu: used.UserTime() + used.SystemTime(), elapsed: elapsed}
	if usage, ok := used.SysUsage().(*syscall.Rusage); ok {
		c.peak = int64(usage.Maxrss) << 10
	}
	return c, nil
}
