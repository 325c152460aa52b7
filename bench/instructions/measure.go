package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/sortition-dev/sortition/bench/callgrind"
	"github.com/sortition-dev/sortition/bench/contest"
)

// warm is the number of operations that come before those that are counted.
const warm = 8

// subject is what is counted: the work of a contestant on a workload.
type subject struct {
	workload   string // that `bench stage` writes
	contestant string
	work       contest.Work
	open       bool // count a cold start instead
}

var works = map[string]subject{
	"W1":        {workload: "W1", work: contest.One},
	"W2":        {workload: "W2", work: contest.All},
	"Realistic": {workload: "Realistic", work: contest.All},
	"Open":      {workload: "W2", open: true},
}

// contestants has the contestants by the name that users give.
var contestants = map[string]string{"loop": "loop", "native": "native", "host-native": "host-native", "wazero": "host"}

// parseSubject reads a name such as W1/wazero.
func parseSubject(name string) (subject, error) {
	work, contestant, _ := strings.Cut(name, "/")
	s, known := works[work]
	id, found := contestants[contestant]
	if !known || !found {
		return s, fmt.Errorf("%q: use W1, W2, Realistic or Open, then /loop, /native, /host-native or /wazero", name)
	}
	s.contestant = id
	return s, nil
}

// laboratory is a folder with the program under test and the workloads.
type laboratory struct {
	directory string
	program   string
	stages    map[string]string // folders, by workload
}

func newLaboratory(directory, program string) *laboratory {
	return &laboratory{directory: directory, program: program, stages: map[string]string{}}
}

// stage returns the folder with a workload. It writes each only once.
func (l *laboratory) stage(name string) (string, error) {
	folder, ok := l.stages[name]
	if ok {
		return folder, nil
	}
	folder = filepath.Join(l.directory, name)
	if err := quietly(exec.Command(l.program, "stage", name, folder)); err != nil {
		return "", err
	}
	l.stages[name] = folder
	return folder, nil
}

// count runs the contestant under callgrind. It returns the file with what callgrind counted, and
// the id that the process had.
func (l *laboratory) count(s subject, n int) (file string, pid int, err error) {
	stage, err := l.stage(s.workload)
	if err != nil {
		return "", 0, err
	}
	out := filepath.Join(l.directory, "callgrind.out")
	p, err := contest.Start(s.contestant, callgrind.Command(out, l.program, "contestant", s.contestant))
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	if err := p.Prepare(filepath.Join(stage, "workload.json"), filepath.Join(stage, "bucket")); err != nil {
		return "", 0, err
	}
	if s.open {
		if err := callgrind.Begin(p.ID()); err != nil {
			return "", 0, err
		}
		if _, err := p.Open(); err != nil {
			return "", 0, err
		}
	} else {
		if _, err := p.Open(); err != nil {
			return "", 0, err
		}
		if err := p.Repeat(s.work, warm); err != nil {
			return "", 0, err
		}
		if err := callgrind.Begin(p.ID()); err != nil {
			return "", 0, err
		}
		if err := p.Repeat(s.work, n); err != nil {
			return "", 0, err
		}
	}
	file, err = callgrind.Dump(p.ID(), out)
	return file, p.ID(), err
}

// quietly runs a command, and shows its output only if it fails.
func quietly(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, &said)
	}
	return nil
}
