package config

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestHostRollout(t *testing.T) {
	if got := loadSortition(t, "").HostRollout; got != DefaultHostRollout {
		t.Errorf("without rollout: %+v", got)
	}
	if got := loadSortition(t, "rollout: {hosts: 3}\n").HostRollout; got.Hosts != 3 || got.Interval != DefaultHostRollout.Interval {
		t.Errorf("%+v", got)
	}
	got := loadSortition(t, `rollout:
  interval: 30m
  hosts: 2
  requests: 1000
  error_rate: 1%
  latency_ms: 2.5
  sample_ratio: false
`).HostRollout
	if want := (HostRollout{Interval: Period(30 * minute), Hosts: 2, Requests: 1000, ErrorRate: 100, LatencyMS: 2.5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestHostRolloutRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"rollout: {hosts: 0}":          "3:18: a whole number above 0 is needed here",
		"rollout: {hosts: 10001}":      "3:18: the number of hosts must be at most 10000, is 10001",
		"rollout: {requests: 1.5}":     "3:21: a whole number above 0 is needed here",
		"rollout: {latency_ms: 0}":     "3:23: the latency must be above 0",
		"rollout: {interval: 10}":      "3:21: \"10\": a period is a whole number",
		"rollout: {error_rate: often}": "3:23: \"often\"",
		"rollout: {share: 5%}":         "3:11: unknown key \"share\"",
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, ProjectFile), []byte("environment: test\nbucket: bucket\n"+text+"\n"))
		if _, problems := Load(dir); problems.Err() == nil || !strings.Contains(problems.Err().Error(), want) {
			t.Errorf("%s: %v", text, problems.Err())
		}
	}
}
