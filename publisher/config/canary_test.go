package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCanary(t *testing.T) {
	if got := loadSortition(t, "").Canary; got != DefaultCanary {
		t.Errorf("without canary: %+v", got)
	}
	if got := loadSortition(t, "canary: {hosts: 3}\n").Canary; got.Hosts != 3 || got.Interval != DefaultCanary.Interval {
		t.Errorf("%+v", got)
	}
	got := loadSortition(t, `canary:
  interval: 30m
  hosts: 2
  requests: 1000
  error_rate: 1%
  latency_ms: 2.5
  sample_ratio: false
`).Canary
	if want := (Canary{Interval: Period(30 * minute), Hosts: 2, Requests: 1000, ErrorRate: 100, LatencyMS: 2.5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestCanaryRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"canary: {hosts: 0}":          "3:17: expected a whole number greater than 0",
		"canary: {hosts: 10001}":      "3:17: the number of hosts is 10001; the limit is 10000",
		"canary: {requests: 1.5}":     "3:20: expected a whole number greater than 0",
		"canary: {latency_ms: 0}":     "3:22: the latency must be greater than 0",
		"canary: {interval: 10}":      "3:20: \"10\": a period is a whole number",
		"canary: {error_rate: often}": "3:22: \"often\"",
		"canary: {share: 5%}":         "3:10: unknown key \"share\"",
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, ProjectFile), []byte("environment: test\nbucket: bucket\n"+text+"\n"))
		if _, problems := Load(dir); problems.Err() == nil || !strings.Contains(problems.Err().Error(), want) {
			t.Errorf("%s: %v", text, problems.Err())
		}
	}
}
