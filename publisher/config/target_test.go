package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLoadTarget reads where a project is published although the rest is full of mistakes.
func TestLoadTarget(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"mistakes elsewhere", "environment: test\nbucket: bucket\nmetrics: none\nunknown: 1\nlayers: {x: {holdout: 5}}\n", ""},
		{"no bucket", "environment: test\n", `the key "bucket" is missing`},
		{"no such environment", "environment: Te st\nbucket: bucket\n", "environment"},
		{"no YAML", "environment: [\n", "sortition.yaml:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{ProjectFile: tt.file, "experiments/broken.yaml": "{", "flags/broken.yaml": "key: other"} {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			p, problems := LoadTarget(dir)
			if tt.want != "" {
				if problems.Err() == nil || !strings.Contains(problems.Error(), tt.want) {
					t.Fatalf("got %v, want %s", problems, tt.want)
				}
				return
			}
			if problems != nil {
				t.Fatal(problems)
			}
			if p.Dir != dir || p.Environment != "test" || p.Bucket != filepath.Join(dir, "bucket") ||
				p.Root != filepath.Join(dir, "keys", "root.json") || len(p.Keys) != 1 {
				t.Errorf("got %+v", p)
			}
		})
	}
}
