package main

import (
	"fmt"
	"io"
	"os/exec"
	"path/filepath"

	"github.com/sortition-dev/sortition/bench/callgrind"
	"github.com/sortition-dev/sortition/bench/figure"
	"github.com/sortition-dev/sortition/bench/goal"
	"github.com/sortition-dev/sortition/bench/machine"
)

// counted has the operations of the table, and how many of each are counted. All users of a
// workload take part equally often.
var counted = []struct {
	work string
	n    int
}{{"W1", 4096}, {"W2", 512}}

// columns are the contestants of the table.
var columns = []string{"loop", "native", "host-native", "wazero"}

// The instructions with which the goals compare: counted on 2026-11-22, at commit 1700c4f.
const (
	base           = "1700c4f"
	baseW2Native   = 91_800
	baseW2Wazero   = 180_300
	goalW2Native   = 0.55
	goalW2Wazero   = 0.60
	goalW1Wazero   = 5_000
	goalW1OverLoop = 2
)

// goals compares the instructions of each operation. Without counts they say why there are none.
func goals(of map[string]float64, skipped string) []goal.Goal {
	all := []goal.Goal{
		goal.AtMost("W2 N=10,000, native: instructions against "+base, of["W2/native"]/baseW2Native, goalW2Native, "×"),
		goal.AtMost("W2 N=10,000, wazero: instructions against "+base, of["W2/wazero"]/baseW2Wazero, goalW2Wazero, "×"),
		goal.AtMost("W1, wazero: instructions", of["W1/wazero"], goalW1Wazero, ""),
		goal.AtMost("W1, engine native: instructions against a hand-written loop", of["W1/host-native"]/of["W1/loop"], goalW1OverLoop, "×"),
	}
	if skipped != "" {
		for i := range all {
			all[i] = all[i].Skipped(skipped)
		}
	}
	return all
}

func writeSkipped(w io.Writer, reason string) error {
	return goal.Write(w, goals(nil, reason)...)
}

func writeTable(w io.Writer, directory string) error {
	program := filepath.Join(directory, "bench")
	if err := quietly(exec.Command("go", "build", "-o", program, ".")); err != nil {
		return err
	}
	if err := machine.Describe().WriteHeader(w, "make bench-instructions", callgrind.Version()); err != nil {
		return err
	}
	l := newLaboratory(directory, program)
	of := map[string]float64{}
	t := figure.Table(w)
	fmt.Fprint(t, "instructions\t")
	for _, c := range columns {
		fmt.Fprintf(t, "%s\t", c)
	}
	fmt.Fprintln(t)
	for _, o := range counted {
		fmt.Fprintf(t, "%s\t", o.work)
		for _, c := range columns {
			name := o.work + "/" + c
			s, err := parseSubject(name)
			if err != nil {
				return err
			}
			file, _, err := l.count(s, o.n)
			if err != nil {
				return err
			}
			total, err := callgrind.Total(file)
			if err != nil {
				return err
			}
			of[name] = float64(total) / float64(o.n)
			fmt.Fprintf(t, "%s\t", figure.Significant(of[name]))
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nOne operation, request included. native is the core alone; host-native and wazero are edge/host.\n"+
		"At %s these were: W2 native %s, W2 wazero %s.\n\n", base, figure.Thousands(baseW2Native), figure.Thousands(baseW2Wazero))
	return goal.Write(w, goals(of, "")...)
}
