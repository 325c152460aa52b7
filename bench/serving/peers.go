package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sortition-dev/sortition/bench/engines"
	"github.com/sortition-dev/sortition/bench/workload"
)

// ofrep sets the requests in OFREP.
func (s *server) ofrep(w *workload.Workload) error {
	s.decided = targeted
	return s.ask(w, "/ofrep/v1/evaluate/flags/"+w.Experiments[0].Key, func(r workload.Request) any {
		attributes := context(r)
		attributes["targetingKey"] = r.ID
		return map[string]any{"context": attributes}
	})
}

// flagdServer has flagd answer in OFREP. It listens on three other ports too.
func flagdServer(directory string, w *workload.Workload, program string, ofrep, grpc, sync, management int) (*server, error) {
	s := &server{name: "flagd, OFREP", address: fmt.Sprintf("127.0.0.1:%d", ofrep)}
	if program == "" {
		s.missing = "no -flagd names the program"
		return s, nil
	}
	config := filepath.Join(directory, "flagd.json")
	s.command = []string{program, "start", "--uri", "file:" + config, "--ofrep-port", strconv.Itoa(ofrep),
		"--port", strconv.Itoa(grpc), "--sync-port", strconv.Itoa(sync), "--management-port", strconv.Itoa(management)}
	if err := writeJSON(config, engines.FlagdConfig(w)); err != nil {
		return nil, err
	}
	return s, s.ofrep(w)
}

// goffServer has go-feature-flag's relay proxy answer in OFREP.
func goffServer(directory string, w *workload.Workload, program string, port int) (*server, error) {
	s := &server{name: "go-feature-flag, OFREP", address: fmt.Sprintf("127.0.0.1:%d", port)}
	if program == "" {
		s.missing = "no -goff names the program"
		return s, nil
	}
	config, flags := filepath.Join(directory, "goff.json"), filepath.Join(directory, "goff-flags.json")
	s.command = []string{program, "--config", config}
	const never = 24 * 60 * 60 * 1000 // ms
	if err := writeJSON(config, object{
		"server":          object{"mode": "http", "host": "127.0.0.1", "port": port},
		"pollingInterval": never,
		"fileFormat":      "json",
		"retrievers":      []object{{"kind": "file", "path": flags}},
	}); err != nil {
		return nil, err
	}
	if err := writeJSON(flags, goffConfig(w)); err != nil {
		return nil, err
	}
	return s, s.ofrep(w)
}

type object = map[string]any

// goffConfig converts a workload of the shape of W1 to flags of go-feature-flag.
func goffConfig(w *workload.Workload) object {
	flags := object{}
	for _, e := range w.Experiments {
		var all []string
		for _, t := range e.Any[0] {
			switch t.Op {
			case workload.In:
				quoted := make([]string, len(t.Strings))
				for i, s := range t.Strings {
					quoted[i] = strconv.Quote(s)
				}
				all = append(all, fmt.Sprintf("%s in [%s]", t.Attribute, strings.Join(quoted, ", ")))
			case workload.VersionAtLeast:
				all = append(all, fmt.Sprintf("%s ge %s", t.Attribute, t.Text))
			}
		}
		flags[e.Key] = object{
			"variations": object{workload.Control: workload.Control, workload.Treatment: workload.Treatment},
			"targeting": []object{{
				"query":      strings.Join(all, " and "),
				"percentage": object{workload.Control: 50, workload.Treatment: 50},
			}},
			"defaultRule": object{"variation": workload.Control},
		}
	}
	return flags
}

func writeJSON(file string, document any) error {
	data, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// buildVersion returns the version of a Go program, as go build has written it down.
func buildVersion(program string) string {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "of unknown version"
	}
	return info.Main.Version
}
