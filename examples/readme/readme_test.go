// Package readme runs the sessions that README.md shows, as a new user would.
package readme

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const timeLimit = 2 * time.Minute

// shown is a command of the README with the output below it.
type shown struct{ command, output string }

// sessions returns the commands of a section, which are indented and begin with "$ ".
// A line that ends with a backslash goes on in the next.
func sessions(t *testing.T, section string) []shown {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(readme), "\n## "+section+"\n")
	if !found {
		t.Fatalf("README.md has no section %q", section)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	var all []shown
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", "")) {
		code, indented := strings.CutPrefix(line, "    ")
		command, isCommand := strings.CutPrefix(code, "$ ")
		switch {
		case isCommand:
			all = append(all, shown{command: strings.TrimSpace(command)})
		case indented && len(all) > 0:
			all[len(all)-1].output += strings.TrimSpace(code)
		}
	}
	return all
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// TestSessions runs the sessions in one shell, with ports that are free and
// programs that are built already. What the README shows is what is printed.
func TestSessions(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: the README's sessions were not run, because there is no %s here", tool)
		}
	}
	dir := t.TempDir()
	for _, program := range []string{"publisher", "edge"} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, program), "../../"+program)
		if output, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	var all []shown
	for _, section := range []string{"Your own experiment, in five commands", "What won", "Day two", "From staging to production"} {
		all = append(all, sessions(t, section)...)
	}
	if len(all) < 10 {
		t.Fatalf("README.md shows %d commands: %+v", len(all), all)
	}

	server, second, collector := freePort(t), freePort(t), freePort(t)
	elsewhere := strings.NewReplacer(
		"make build && export PATH=\"$PWD/bin:$PATH\"", "true",
		"edge serve --bucket shop/bucket --root shop/keys/root.json &", "edge serve --bucket shop/bucket --root shop/keys/root.json --listen 127.0.0.1:"+server+" &",
		"--unit-key-file unit.key &", "--unit-key-file unit.key --listen 127.0.0.1:"+collector+" &",
		"127.0.0.1:8080", "127.0.0.1:"+server, "127.0.0.1:8081", "127.0.0.1:"+second, "127.0.0.1:8090", "127.0.0.1:"+collector,
	)
	// A server that the README leaves in the background is waited for; the shell ends
	// its servers itself, by their numbers.
	script := "set -eu\ntrap 'kill $(jobs -p)' EXIT\n" +
		"up() { for _ in $(seq 200); do curl -s -o /dev/null \"$1\" && return; sleep 0.05; done; echo \"$1 is not up\" >&2; exit 1; }\n"
	for _, s := range all {
		script += "echo '@@@'\n" + elsewhere.Replace(s.command) + "\n"
		if strings.HasSuffix(s.command, "&") {
			port := server
			switch {
			case strings.Contains(s.command, "collect "):
				port = collector
			case strings.Contains(s.command, "8081"):
				port = second
			}
			script += "up http://127.0.0.1:" + port + "/healthz\n"
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", script)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	shell.Cancel = func() error { return shell.Process.Signal(syscall.SIGTERM) }
	output, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	printed := strings.Split(string(output), "@@@\n")[1:]
	if len(printed) != len(all) {
		t.Fatalf("%d commands ran, the README shows %d", len(printed), len(all))
	}
	for i, s := range all {
		if got := squeeze(printed[i]); !strings.Contains(got, squeeze(elsewhere.Replace(s.output))) {
			t.Errorf("$ %s\nprints\n%s\nthe README shows\n%s", s.command, printed[i], s.output)
		}
	}
}

// squeeze takes out white space, which the README adds to break lines.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }
