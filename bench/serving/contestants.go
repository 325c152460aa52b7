package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/sortition-dev/sortition/bench/engines"
	"github.com/sortition-dev/sortition/bench/workload"
)

// The names of the servers to which goals refer.
const (
	fixed      = "net/http, fixed answer"
	edgeWazero = "edge serve"
	edgeNative = "edge serve --engine native"
)

// buildEdge builds the program edge into a folder.
func buildEdge(directory string) (string, error) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/sortition-dev/sortition").Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	program := filepath.Join(directory, "edge")
	build := exec.Command("go", "build", "-C", strings.TrimSpace(string(module)), "-trimpath", "-o", program, "./edge")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", build, err, out)
	}
	return program, nil
}

// prepare writes the configuration of each server.
func prepare(directory, edge, flagd, goff string) ([]*server, error) {
	w := workload.One()
	const addresses = 8
	free, err := freeAddresses(addresses)
	if err != nil {
		return nil, err
	}
	bucket := filepath.Join(directory, "bucket")
	if err := os.MkdirAll(bucket, 0o755); err != nil {
		return nil, err
	}
	if _, err := engines.Publish(w, 1, bucket); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}

	answer := filepath.Join(directory, "answer.json")
	if err := os.WriteFile(answer, []byte(fixedAnswer(w)), 0o644); err != nil {
		return nil, err
	}
	floor := &server{name: fixed, address: free[0].String(), decided: func([]byte) (bool, error) { return true, nil }}
	floor.command = []string{self, fixedArgument, floor.address, answer}
	all := []*server{floor}
	for i, name := range []string{edgeWazero, edgeNative} {
		s := &server{name: name, address: free[1+i].String(), decided: assigned}
		s.command = []string{edge, "serve", "--bucket", bucket, "--root", filepath.Join(bucket, "root", "1.json"),
			"--environment", "bench", "--listen", s.address}
		if name == edgeNative {
			s.command = append(s.command, "--engine", "native")
		}
		all = append(all, s)
	}
	for _, s := range all {
		s.count = true
		if err := s.ask(w, "/api/v1/assign", func(r workload.Request) any {
			return map[string]any{"user_id": r.ID, "experiments": []string{w.Experiments[0].Key}, "context": context(r)}
		}); err != nil {
			return nil, err
		}
	}
	floor.outsider = nil // it gives every user the same

	f, err := flagdServer(directory, w, flagd, free[3].Port, free[4].Port, free[5].Port, free[6].Port)
	if err != nil {
		return nil, err
	}
	g, err := goffServer(directory, w, goff, free[7].Port)
	if err != nil {
		return nil, err
	}
	all = append(all, f, g)
	for i, s := range all {
		s.log = filepath.Join(directory, fmt.Sprintf("%d.log", i))
	}
	return all, nil
}

// fixedAnswer is what edge serve answers to a user who gets the control.
func fixedAnswer(w *workload.Workload) string {
	return fmt.Sprintf(`{"assignments":[{"experiment_id":%q,"variant_id":%q,"variant_name":%[2]q,"config":%[2]q}],"revision":1,"stale":false}`+"\n",
		w.Experiments[0].Key, workload.Control)
}

// assigned reads an answer of edge serve.
func assigned(answer []byte) (bool, error) {
	var a struct {
		Assignments []struct {
			Variant string `json:"variant_id"`
		} `json:"assignments"`
		Revision uint64 `json:"revision"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.Revision != 1 {
		return false, fmt.Errorf("no answer of edge serve: %s (%v)", answer, err)
	}
	return len(a.Assignments) == 1 && isVariant(a.Assignments[0].Variant), nil
}

func isVariant(key string) bool { return key == workload.Control || key == workload.Treatment }

// targeted reads an answer in OFREP, the OpenFeature Remote Evaluation Protocol.
func targeted(answer []byte) (bool, error) {
	var a struct {
		Variant string `json:"variant"`
		Reason  string `json:"reason"`
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.Reason == "" {
		return false, fmt.Errorf("no answer in OFREP: %s (%v)", answer, err)
	}
	return isVariant(a.Variant) && strings.HasPrefix(a.Reason, "TARGETING_MATCH"), nil
}
