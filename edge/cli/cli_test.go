package cli_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/edge/cli"
)

func TestExitStatus(t *testing.T) {
	b := newBucket(t)
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		writeFile(t, path, content)
		return path
	}
	api := file("api.key", "secret\n")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	serve := func(more ...string) []string {
		return append([]string{"serve", "--bucket", b.dir, "--root", b.rootFile, "--listen", "127.0.0.1:0"}, more...)
	}
	collect := func(more ...string) []string {
		return append([]string{"collect", "--bucket", b.dir, "--spool", filepath.Join(dir, "spool"), "--listen", "127.0.0.1:0",
			"--api-key-file", api, "--unit-key-file", file("unit.key", strings.Repeat("k", 64))}, more...)
	}
	tests := []struct {
		name   string
		args   []string
		status int
		output string
	}{
		{"help", []string{"--help"}, 0, "edge [command]"},
		{"help of serve", []string{"serve", "--help"}, 0, "Examples:"},
		{"help of collect", []string{"collect", "--help"}, 0, "Examples:"},
		{"version", []string{"version"}, 0, "\ncore     sha256:"},
		{"version as a flag", []string{"--version"}, 0, "application/vnd.sortition.manifest+json"},
		{"version as JSON", []string{"version", "--format", "json"}, 0, `"schema": 1`},
		{"version in another format", []string{"version", "--format", "xml"}, 2, "text or json"},
		{"mistyped command", []string{"sevre"}, 2, "Did you mean this?\n\tserve"},
		{"unknown command", []string{"publish"}, 2, "unknown command"},
		{"unknown flag", serve("--nonesuch"), 2, "nonesuch"},
		{"argument", serve("x"), 2, "x"},
		{"no root", []string{"serve", "--bucket", b.dir}, 2, "--root is missing"},
		{"missing root", []string{"serve", "--bucket", b.dir, "--root", filepath.Join(dir, "none")}, 2, "--root"},
		{"wrong root", []string{"serve", "--bucket", b.dir, "--root", api}, 2, "--root " + api},
		{"huge root", []string{"serve", "--bucket", b.dir, "--root", file("huge", strings.Repeat("x", 1<<20))}, 2, "is larger than"},
		{"wrong bucket", serve("--bucket", "ftp://x"), 2, "--bucket"},
		{"wrong engine", serve("--engine", "wasmtime"), 2, "--engine: \"wasmtime\" is no engine: use wazero or native"},
		{"wrong poll", serve("--poll", "0"), 2, "--poll"},
		{"wrong environment", serve("--environment", "No Such"), 2, "environment"},
		{"wrong log format", serve("--log-format", "xml"), 2, "text or json"},
		{"wrong log level", serve("--log-level", "loud"), 2, "debug, info, warn or error"},
		{"collector without a key", serve("--collector", "http://127.0.0.1:1"), 2, "api-key-file"},
		{"wrong collector", serve("--collector", "here", "--api-key-file", api), 2, "here"},
		{"empty key", serve("--collector", "http://127.0.0.1:1", "--api-key-file", file("empty", " \n")), 2, "is empty"},
		{"too many instances", serve("--instances", "100000"), 2, "must be 1 to 256"},
		{"address taken", serve("--listen", taken.Addr().String()), 1, "--listen " + taken.Addr().String()},
		{"short unit key", collect("--unit-key-file", api), 2, "one key of at least 32"},
		{"two unit keys", collect("--unit-key-file", file("two", strings.Repeat(strings.Repeat("k", 64)+"\n", 2))), 2, "one key of at least 32"},
		{"wrong rotation", collect("--rotate", "0"), 2, "--rotate"},
		{"wrong budget", collect("--spool-budget", "1"), 2, "--spool-budget"},
		{"collect into a web server", collect("--bucket", "https://example.com"), 2, "--bucket"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var output strings.Builder
			status := cli.Run(t.Context(), test.args, strings.NewReader(""), &output, &output)
			if status != test.status || !strings.Contains(output.String(), test.output) {
				t.Errorf("status %d, want %d; output, wanted with %q:\n%s", status, test.status, test.output, output.String())
			}
		})
	}
}
