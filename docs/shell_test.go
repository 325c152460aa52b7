package docs

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	commandLimit = time.Minute            // how long one command may take
	stopLimit    = time.Second            // how long the programs of a page may take to stop
	pause        = 100 * time.Millisecond // between two tries
)

// built is the directory of the programs, once they are built.
var built string

// build builds both programs, once, and gives the directory that they are in.
var build = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "sortition-docs-"); err != nil {
		return "", err
	}
	built = dir
	for _, program := range []string{"publisher", "edge"} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, program), "./"+program)
		cmd.Dir = repository
		if output, err := cmd.CombinedOutput(); err != nil {
			return dir, fmt.Errorf("%w\n%s", err, output)
		}
	}
	return dir, nil
})

// TestMain removes what was built.
func TestMain(m *testing.M) {
	status := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(status)
}

// shell is a bash that runs the commands of a page.
type shell struct {
	dir, outputs string
	ports        map[string]string // free ones, by those that the page names
	count        int               // commands so far
	stdin        io.Writer
	ends         chan string // one line for each command that has ended: its exit status
}

// newShell starts a bash in an empty directory. It and all that it started end with the test.
func newShell(t *testing.T, programs string) *shell {
	t.Helper()
	dir := t.TempDir()
	s := &shell{dir: filepath.Join(dir, "work"), outputs: filepath.Join(dir, "outputs"), ports: map[string]string{}, ends: make(chan string)}
	home := filepath.Join(dir, "home")
	for _, d := range []string{s.dir, s.outputs, home} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "--norc", "--noprofile", "-u")
	cmd.Dir = s.dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "SORTITION_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "PATH="+programs+":"+os.Getenv("PATH"), "HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, ".cache"),
		"USER=you", "REPOSITORY="+root)
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} { // which are below the home directory
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, name+"="+strings.TrimSpace(string(value)))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.stdin = stdin
	go func() {
		defer close(s.ends)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			s.ends <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		stdin.Close()
		group := -cmd.Process.Pid
		_ = syscall.Kill(group, syscall.SIGTERM)
		_ = cmd.Wait()
		for deadline := time.Now().Add(stopLimit); syscall.Kill(group, 0) == nil && time.Now().Before(deadline); {
			time.Sleep(pause / 10)
		}
		_ = syscall.Kill(group, syscall.SIGKILL) // one may wait for another that has ended
	})
	return s
}

// address is one that a page names.
var address = regexp.MustCompile(`\b(127\.0\.0\.1:|localhost:|PORT=)([0-9]{4,5})\b`)

// local puts free ports into a text in place of those that it names.
func (s *shell) local(text string) string {
	return address.ReplaceAllStringFunc(text, func(a string) string {
		port := address.FindStringSubmatch(a)
		return port[1] + s.port(port[2])
	})
}

// port is a free port in place of the one that a page names.
func (s *shell) port(named string) string {
	if _, ok := s.ports[named]; !ok {
		s.ports[named] = freePort()
	}
	return s.ports[named]
}

// given are the ports that tests of this process were given.
var given sync.Map

func freePort() string {
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		l.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			return port
		}
	}
}

// servers are the commands that listen, with the port at which each does by default.
var servers = []struct{ command, port string }{{"edge serve ", "8080"}, {"edge collect ", "8090"}}

// listening makes a command that starts a server in the background listen at a free port,
// and gives the address by which it is known to be up, or "".
func (s *shell) listening(command string) (_, up string) {
	local := s.local(command)
	if !background(command) {
		return local, ""
	}
	for _, server := range servers {
		if !strings.HasPrefix(command, server.command) {
			continue
		}
		port := s.port(server.port)
		if _, after, listens := strings.Cut(local, "--listen 127.0.0.1:"); listens {
			port = digits.FindString(after)
		} else {
			local = strings.Replace(local, server.command, server.command+"--listen 127.0.0.1:"+port+" ", 1)
		}
		return local, "http://127.0.0.1:" + port + "/healthz"
	}
	return local, ""
}

var digits = regexp.MustCompile("^[0-9]+")

// background tells whether a command stays in the background.
func background(command string) bool { return strings.HasSuffix(strings.TrimSpace(command), "&") }

// run runs a command, waits until a server that it starts is up, and gives what was printed
// and the exit status.
func (s *shell) run(text string) (output string, status int, err error) {
	text, up := s.listening(text)
	s.count++
	file := filepath.Join(s.outputs, strconv.Itoa(s.count))
	if _, err := fmt.Fprintf(s.stdin, "{\n%s\n} >%s 2>&1 </dev/null; echo $?\n", strings.TrimRight(text, "\n"), file); err != nil {
		return "", 0, err
	}
	printed := func() string {
		data, _ := os.ReadFile(file)
		return string(data)
	}
	select {
	case end, ok := <-s.ends:
		if !ok {
			return printed(), 0, fmt.Errorf("the shell has ended")
		}
		if status, err = strconv.Atoi(end); err != nil {
			return printed(), 0, err
		}
	case <-time.After(commandLimit):
		return printed(), 0, fmt.Errorf("still runs after %v", commandLimit)
	}
	if up == "" {
		return printed(), status, nil
	}
	for deadline := time.Now().Add(commandLimit); ; time.Sleep(pause / 5) {
		if answer, err := http.Get(up); err == nil {
			answer.Body.Close()
			return printed(), status, nil
		}
		if time.Now().After(deadline) {
			return printed(), status, fmt.Errorf("%s does not answer", up)
		}
	}
}

// write writes a file of the page, or adds to it.
func (s *shell) write(path, text string, flags int) error {
	path = filepath.Join(s.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flags, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(s.local(text)); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
