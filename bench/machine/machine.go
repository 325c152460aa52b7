// Package machine describes what the results of a benchmark depend on.
//
// This package is internal to Sortition and may change without notice.
package machine

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/wasm"
)

// Machine is a machine, and the version of Sortition that is measured on it.
type Machine struct {
	CPU      string
	Cores    int
	System   string
	Core     string // hash of core.wasm
	Revision string // of Sortition, in git
}

var modelName = regexp.MustCompile(`(?m)^model name\s*: (.*)$`)

// Describe describes this machine. What is not known says so.
func Describe() Machine {
	m := Machine{
		CPU: runtime.GOARCH, Cores: runtime.NumCPU(), System: runtime.GOOS,
		Core: bundle.HashOf(wasm.Core).String(), Revision: Output("git", "describe", "--always", "--dirty"),
	}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := modelName.FindSubmatch(info); found != nil {
			m.CPU = strings.TrimSpace(string(found[1]))
		}
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.System += " " + strings.TrimSpace(string(release))
	}
	return m
}

// WriteHeader writes the head of a result: what was measured where and when, by which command, and
// with which versions besides that of Go.
func (m Machine) WriteHeader(w io.Writer, command string, versions ...string) error {
	versions = append([]string{runtime.Version()}, versions...)
	_, err := fmt.Fprintf(w, "Sortition %s, core.wasm %s\n%s, %d cores, %s, %s\ncommand: %s\nversions: %s\n\n",
		m.Revision, m.Core[:16], m.CPU, m.Cores, m.System, time.Now().Format(time.DateOnly), command, strings.Join(versions, ", "))
	return err
}

// Output returns what a command prints, without the spaces around it, or "unknown".
func Output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// Slug names the machine in a file name.
func (m Machine) Slug() string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(m.CPU), "-"), "-") + fmt.Sprintf("-%d", m.Cores)
}
