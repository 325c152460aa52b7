package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sortition-dev/sortition/bench/workload"
)

// projectCommand makes a project, in a process of its own: on Linux the peak memory of a process
// is at least that of the process that started it.
const projectCommand = "project"

// writeProject fills a directory with a project of n experiments.
func writeProject(directory, shape, n string) error {
	count, err := strconv.Atoi(n)
	if err != nil {
		return err
	}
	w, err := workloadOf(shape, count)
	if err != nil {
		return err
	}
	for _, folder := range []string{"experiments", "segments"} {
		if err := os.MkdirAll(filepath.Join(directory, folder), 0o755); err != nil {
			return err
		}
	}
	for _, s := range w.Segments {
		if err := os.WriteFile(filepath.Join(directory, "segments", s.Key+".txt"), []byte(strings.Join(s.IDs, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	for i, e := range w.Experiments {
		if err := os.WriteFile(experimentFile(directory, i), []byte(experiment(e)), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(directory, "sortition.yaml"), []byte(declarations(w)), 0o644)
}

func workloadOf(shape string, n int) (*workload.Workload, error) {
	switch shape {
	case "realistic":
		return workload.Realistic(n), nil
	case "W2":
		return workload.Many(n), nil
	}
	return nil, fmt.Errorf("unknown shape %q: write realistic or W2", shape)
}

// experimentFile is the file of an experiment, whose key both shapes make of its number.
func experimentFile(directory string, i int) string {
	return filepath.Join(directory, "experiments", fmt.Sprintf("experiment_%06d.yaml", i))
}

func declarations(w *workload.Workload) string {
	var b strings.Builder
	b.WriteString("environment: bench\nbucket: bucket\nattributes:\n")
	for _, a := range w.Attributes {
		fmt.Fprintf(&b, "  %s: %s\n", a.Name, a.Type)
	}
	if len(w.Segments) > 0 {
		b.WriteString("segments:\n")
	}
	for _, s := range w.Segments {
		fmt.Fprintf(&b, "  %s: {file: segments/%s.txt}\n", s.Key, s.Key)
	}
	b.WriteString("metrics:\n  purchase: {event: purchase, kind: conversion}\n  revenue: {event: purchase, kind: mean, value: amount}\n")
	return b.String()
}

// firstTraffic is the traffic of every experiment before the change.
const firstTraffic = "traffic: 50%"

func experiment(e workload.Experiment) string {
	return fmt.Sprintf(`key: %[1]s
name: The experiment %[1]s
owner: growth
hypothesis: The treatment makes more visitors buy.
status: running
%[2]s
audience: |
  %[3]s
variants:
  - {key: %[4]s, weight: 50%%, config: {%[1]s_title: Welcome, %[1]s_steps: 3}}
  - {key: %[5]s, name: Shorter, weight: 50%%, config: {%[1]s_title: Hello, %[1]s_steps: 2}}
metrics:
  primary: purchase
  guardrails: [revenue]
`, e.Key, firstTraffic, audience(e), workload.Control, workload.Treatment)
}

func audience(e workload.Experiment) string {
	var some []string
	for _, tests := range e.Any {
		var all []string
		for _, t := range tests {
			all = append(all, expression(t))
		}
		some = append(some, strings.Join(all, " && "))
	}
	return strings.Join(some, " || ")
}

func expression(t workload.Test) string {
	switch t.Op {
	case workload.In:
		quoted := make([]string, len(t.Strings))
		for i, s := range t.Strings {
			quoted[i] = strconv.Quote(s)
		}
		return fmt.Sprintf("%s in [%s]", t.Attribute, strings.Join(quoted, ", "))
	case workload.VersionAtLeast:
		return fmt.Sprintf("%s >= version(%q)", t.Attribute, t.Text)
	case workload.NumberAtLeast:
		return fmt.Sprintf("%s >= %v", t.Attribute, t.Number)
	case workload.NumberBelow:
		return fmt.Sprintf("%s < %v", t.Attribute, t.Number)
	case workload.HasPrefix:
		return fmt.Sprintf("%s.startsWith(%q)", t.Attribute, t.Text)
	case workload.Contains:
		return fmt.Sprintf("%s.contains(%q)", t.Attribute, t.Text)
	case workload.InSegment:
		return fmt.Sprintf("segment(%q)", t.Text)
	}
	return t.Attribute // IsTrue
}
