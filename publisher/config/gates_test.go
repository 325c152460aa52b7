package config

import (
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
)

// loadSortition loads a project that consists of sortition.yaml.
func loadSortition(t *testing.T, text string) *Project {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, ProjectFile), []byte("environment: test\nbucket: bucket\n"+text))
	p, problems := Load(dir)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGates(t *testing.T) {
	on := Gates{
		SwitchWithinPhase: true, LostControl: true, Required: RequiredFields,
		Affected: 5_000, Payload: 32 << 20, Work: 5_000,
	}
	if got := loadSortition(t, "").Gates; !reflect.DeepEqual(got, on) {
		t.Errorf("without gates: %+v", got)
	}
	got := loadSortition(t, `gates:
  switch_within_phase: false
  lost_control: false
  required: []
  affected: 100%
  payload: 512 KiB
  work: 12.5%
  freeze: [{from: 2026-12-20T00:00:00Z, to: 2027-01-03T00:00:00+01:00, reason: holidays}]
`).Gates
	if len(got.Freeze) != 1 || got.Freeze[0].String() != "2026-12-20T00:00:00Z to 2027-01-03T00:00:00+01:00: holidays" {
		t.Errorf("freeze: %v", got.Freeze)
	}
	got.Freeze = nil
	if want := (Gates{Affected: 10_000, Payload: 512 << 10, Work: 1_250}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestFreezeHolds(t *testing.T) {
	p := loadSortition(t, `gates:
  freeze:
    - {from: 2026-12-20T00:00:00Z, to: 2027-01-03T00:00:00+01:00}
    - {days: [friday, saturday], from: "16:00", to: "24:00", zone: Europe/Berlin}
    - {days: [sunday], from: "02:00", to: "03:00", zone: Europe/Berlin}
`)
	for at, want := range map[string]int{
		"2026-12-19T23:59:59Z": -1, "2026-12-20T00:00:00Z": 0, "2027-01-02T22:59:59Z": 0, "2027-01-02T23:00:00Z": -1,
		// Friday in Berlin: +02:00 in summer, +01:00 in winter.
		"2026-07-03T13:59:59Z": -1, "2026-07-03T14:00:00Z": 1, "2026-07-03T21:59:59Z": 1, "2026-07-03T22:00:00Z": -1,
		"2026-11-06T14:59:59Z": -1, "2026-11-06T15:00:00Z": 1,
		// On the night of 25 October clocks in Berlin show 02:30 twice, on that of 29 March never.
		"2026-10-25T00:30:00Z": 2, "2026-10-25T01:30:00Z": 2, "2026-03-29T00:59:59Z": -1, "2026-03-29T01:00:00Z": -1,
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		got := slices.IndexFunc(p.Gates.Freeze, func(f Freeze) bool { return f.Holds(moment) })
		if got != want {
			t.Errorf("%s: freeze %d holds, want %d", at, got, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]Size{"0 KiB": 0, "512KiB": 512 << 10, "32 MiB": 32 << 20} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "12", "12 MB", "-1 MiB", "1.5 MiB", "MiB", "99999999999999999999 MiB", "9999999999 MiB"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: %d", text, got)
		}
	}
}
