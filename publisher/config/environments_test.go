package config

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEnvironments takes a project to its environments, and reads them although the rest
// is full of mistakes.
func TestEnvironments(t *testing.T) {
	for name, load := range map[string]func(string) (*Project, Problems){"all": Load, "the target": LoadTarget, "the gates": LoadGates} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, ProjectFile), []byte(`environment: production
bucket: s3://shop
environments:
  staging: {bucket: s3://staging, keys: ["env:STAGING"]}
  development: {bucket: development, root: root.json}
`))
			p, problems := load(dir)
			if problems != nil {
				t.Fatal(problems)
			}
			for environment, want := range map[string]struct{ bucket, root, key string }{
				"":            {"s3://shop", filepath.Join(dir, "keys/root.json"), filepath.Join(dir, "keys/publish.key")},
				"production":  {"s3://shop", filepath.Join(dir, "keys/root.json"), filepath.Join(dir, "keys/publish.key")},
				"staging":     {"s3://staging", filepath.Join(dir, "keys/staging/root.json"), "env:STAGING"},
				"development": {filepath.Join(dir, "development"), filepath.Join(dir, "root.json"), filepath.Join(dir, "keys/development/publish.key")},
			} {
				in, err := p.In(environment)
				if err != nil {
					t.Fatal(err)
				}
				if in.Bucket != want.bucket || in.Root != want.root || !slices.Equal(in.Keys, []string{want.key}) {
					t.Errorf("%q: %s, %s, %s", environment, in.Bucket, in.Root, in.Keys)
				}
				if other := environment == "staging" || environment == "development"; other && (in.Environment != environment || in.Production != p) || !other && in != p {
					t.Errorf("%q: environment %s, production %v", environment, in.Environment, in.Production)
				}
			}
			if _, err := p.In("stagging"); err == nil || !strings.Contains(err.Error(), "production, development, staging") {
				t.Errorf("an environment that there is not: %v", err)
			}
		})
	}
}

// TestTargetWithoutBrokenEnvironments reads the target of a project of which another
// environment is broken: what is live must be killed all the same.
func TestTargetWithoutBrokenEnvironments(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, ProjectFile), []byte("environment: production\nbucket: b\nenvironments: {staging: {bucket: b}, test: {}}\n"))
	p, problems := LoadTarget(dir)
	if problems != nil || len(p.Environments) != 0 {
		t.Errorf("got %+v, %v", p, problems)
	}
	if _, problems := LoadGates(dir); problems == nil {
		t.Error("LoadGates finds nothing wrong")
	}
}
