package edit_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/edit"
)

const checkout = "experiments/checkout_button.yaml"

// project is a copy of the example project, and its files.
func project(t *testing.T) (string, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/storefront")); err != nil {
		t.Fatal(err)
	}
	return dir, files(t, dir)
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWrite(t *testing.T) {
	dir, before := project(t)
	path := filepath.Join(dir, checkout)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	e := edit.Open(dir)
	for _, err := range []error{
		e.Set(checkout, config.Percent(5500), "traffic"),
		e.Set(checkout, "paused", "status"),
		e.Set(config.ProjectFile, "20%", "holdout", "traffic"),
		e.Set("flags/new_search.yaml", "New search backend", "name"), // as it is
		e.CreateExperiment("thanks", config.Mapping{
			{Key: "owner", Value: "growth@storefront.example"}, {Key: "status", Value: "draft"},
			{Key: "variants", Value: []any{
				config.Mapping{{Key: "key", Value: "control"}, {Key: "weight", Value: "50%"}},
				config.Mapping{{Key: "key", Value: "thanks"}, {Key: "weight", Value: "50%"}, {Key: "config", Value: config.Mapping{{Key: "text", Value: "Thank you: 5% off"}}}},
			}},
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if now := files(t, dir); !maps.Equal(now, before) {
		t.Fatal("files changed before Write")
	}
	planned, problems := e.Project()
	if problems != nil {
		t.Fatal(problems)
	}
	written, err := e.Write()
	if err != nil || strings.Join(written, " ") != checkout+" experiments/thanks.yaml "+config.ProjectFile {
		t.Fatalf("%v, %v", written, err)
	}
	p, problems := config.Load(dir)
	if problems != nil {
		t.Fatal(problems)
	}
	for _, p := range []*config.Project{planned, p} {
		x, i := p.Experiments[0], len(p.Experiments)-1
		if x.Key != "checkout_button" || x.Traffic != 5500 || x.Status != "paused" || p.Holdout.Traffic != 2000 || p.Experiments[i].Key != "thanks" {
			t.Errorf("%s: %+v", x.Key, p)
		}
	}
	want := maps.Clone(before)
	want[checkout] = strings.NewReplacer("status: running", "status: paused", "traffic: 50%", "traffic: 55%").Replace(want[checkout])
	want[config.ProjectFile] = strings.Replace(want[config.ProjectFile], "holdout: {traffic: 5%}", "holdout: {traffic: 20%}", 1)
	want["experiments/thanks.yaml"] = `key: thanks
owner: growth@storefront.example
status: draft
variants:
  - {key: control, weight: 50%}
  - {key: thanks, weight: 50%, config: {text: "Thank you: 5% off"}}
`
	now := files(t, dir)
	for name := range now {
		if now[name] != want[name] {
			t.Errorf("%s:\n%s\nwant\n%s", name, now[name], want[name])
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// A project with a mistake is not written, not even the files that are fine.
func TestMistakesAreNotWritten(t *testing.T) {
	dir, before := project(t)
	e := edit.Open(dir)
	if err := errors.Join(e.Set(checkout, "40%", "traffic"), e.Set("flags/new_search.yaml", "maybe", "status")); err != nil {
		t.Fatal(err)
	}
	written, err := e.Write()
	var problems config.Problems
	if !errors.As(err, &problems) || len(written) > 0 || !strings.Contains(err.Error(), "flags/new_search.yaml:") {
		t.Errorf("%v, %v", written, err)
	}
	if now := files(t, dir); !maps.Equal(now, before) {
		t.Error("files changed")
	}
}

func TestRefused(t *testing.T) {
	dir, _ := project(t)
	e := edit.Open(dir)
	for name, err := range map[string]error{
		"outside":         e.Set("../sortition.yaml", 1, "key"),
		"another file":    e.Set("segments/beta_testers.txt", 1, "key"),
		"a missing file":  e.Set("flags/none.yaml", 1, "key"),
		"a key with dots": e.CreateFlag("../a", nil),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := e.CreateExperiment("checkout_button", nil); !errors.Is(err, edit.ErrExists) {
		t.Errorf("a second file of an experiment: %v", err)
	}
	if err := e.Remove(checkout, "sticky"); !errors.Is(err, config.ErrNoValue) {
		t.Errorf("a key that is not there: %v", err)
	}
}
