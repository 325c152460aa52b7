package js

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTimeout is how long a runtime may take to listen on a busy machine.
const startTimeout = time.Minute

// runtime is a JavaScript runtime in which the harness runs.
type runtime struct {
	name    string
	command []string // prints the harness's URL; the first element is a path, or a name in PATH
	needs   string   // a package of test/node_modules
}

func runtimes() []runtime {
	const scripts, modules = "test/runtimes/", "test/node_modules/"
	bun := modules + "@oven/bun-linux-x64/bin/bun"
	if found, _ := filepath.Glob(modules + "@oven/bun-*/bin/bun"); len(found) > 0 {
		bun = found[0]
	}
	return []runtime{
		{"node", []string{"node", scripts + "node.js"}, ""},
		{"workerd", []string{"node", scripts + "workerd.js"}, "workerd"},
		{"deno", []string{modules + ".bin/deno", "run", "--allow-net", "--allow-read", scripts + "deno.js"}, "deno"},
		{"bun", []string{bun, scripts + "bun.js"}, "bun"},
		{"edge-runtime", []string{"node", scripts + "edge-runtime.js"}, "edge-runtime"},
	}
}

// harness runs jobs in one runtime.
type harness interface {
	// do sends a job and reads the answer. It is not safe for concurrent use.
	do(job, answer any) error
}

// inEach runs a test in every runtime. It skips runtimes that are not installed.
func inEach(t *testing.T, test func(*testing.T, harness)) {
	for _, r := range runtimes() {
		t.Run(r.name, func(t *testing.T) { test(t, r.start(t)) })
	}
	t.Run("chromium", func(t *testing.T) { test(t, startChromium(t)) })
}

// server is a harness that listens.
type server struct{ url string }

// start starts the runtime. It skips the test if the runtime is not installed.
func (r runtime) start(t *testing.T) harness {
	t.Helper()
	path, err := exec.LookPath(r.command[0])
	if err == nil && r.needs != "" {
		_, err = os.Stat("test/node_modules/" + r.needs)
	}
	if err != nil {
		t.Skipf("%s IS NOT INSTALLED: nothing was tried in it; run npm install --no-save --ignore-scripts in hostshims/js/test", strings.ToUpper(r.name))
	}
	cmd := inGroup(exec.Command(path, r.command[1:]...))
	failures := new(safeBuffer)
	cmd.Stderr = failures
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop(cmd)
		if t.Failed() {
			t.Logf("%s wrote:\n%s", r.name, failures)
		}
	})
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n')
		line <- strings.TrimSpace(text)
	}()
	select {
	case url := <-line:
		if url == "" {
			t.Fatalf("%s ended before it listened:\n%s", r.name, failures)
		}
		return &server{url}
	case <-time.After(startTimeout):
		t.Fatalf("%s does not listen after %v:\n%s", r.name, startTimeout, failures)
		return nil
	}
}

// stopTimeout is how long to wait for the output of killed processes.
const stopTimeout = 5 * time.Second

// inGroup gives a command a process group of its own, so that stop ends its children too.
func inGroup(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = stopTimeout
	return cmd
}

func stop(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait() // it was killed
}

func (s *server) do(job, answer any) error {
	body, err := json.Marshal(job)
	if err != nil {
		return err
	}
	response, err := http.Post(s.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, text)
	}
	return json.Unmarshal(text, answer)
}

// safeBuffer is a buffer that can be written and read concurrently.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
