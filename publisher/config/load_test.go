package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected problems in testdata")

// baseProject is the sortition.yaml of archives that bring none.
const baseProject = `environment: test
bucket: bucket
units: [user, device]
attributes: {age: number, app_version: version, country: string, logged_in: bool, signed_up: time, tags: list}
layers: {checkout: {}, search: {}}
metrics:
  purchase: {event: purchase, kind: conversion}
  revenue: {event: purchase, kind: mean, value: amount}
`

// TestMistakes loads each archive in testdata/mistakes as a project, and compares the
// problems with the file "want" in it: those of the files, or if they have none, what
// they do not say and must.
func TestMistakes(t *testing.T) {
	archives, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir, want := unpack(t, archive)
			project, problems := Load(dir)
			if project != nil {
				problems = project.MissingRequired()
			}
			if len(problems) == 0 {
				t.Fatal("the project has no problems")
			}
			got := strings.ReplaceAll(problems.Error(), dir, "DIR") + "\n"
			if *update {
				setFile(archive, "want", got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("problems\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// unpack writes the files of an archive into a directory, and gives the file "want".
func unpack(t *testing.T, archive *txtar.Archive) (dir, want string) {
	t.Helper()
	dir = t.TempDir()
	files := map[string][]byte{ProjectFile: []byte(baseProject)}
	for _, f := range archive.Files {
		files[f.Name] = f.Data
	}
	want = string(files["want"])
	delete(files, "want")
	if f, ok := files["absent"]; ok { // names of files that are not there
		for _, name := range strings.Fields(string(f)) {
			delete(files, name)
		}
		delete(files, "absent")
	}
	for name, data := range files {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), data)
	}
	return dir, want
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func setFile(archive *txtar.Archive, name, data string) {
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			archive.Files[i].Data = []byte(data)
			return
		}
	}
	archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(data)})
}
