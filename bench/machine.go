package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/wasm"
)

// machine describes what the results depend on.
type machine struct {
	cpu      string
	cores    int
	system   string
	versions []string
	core     string // hash of core.wasm
	revision string
}

var modelName = regexp.MustCompile(`(?m)^model name\s*: (.*)$`)

func describeMachine() machine {
	m := machine{cpu: runtime.GOARCH, cores: runtime.NumCPU(), system: runtime.GOOS}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := modelName.FindSubmatch(info); found != nil {
			m.cpu = strings.TrimSpace(string(found[1]))
		}
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.system += " " + strings.TrimSpace(string(release))
	}
	m.versions = append(m.versions, runtime.Version(), "node "+output("node", "--version"))
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			switch d.Path {
			case "github.com/tetratelabs/wazero", "github.com/launchdarkly/go-server-sdk-evaluation/v3", "github.com/growthbook/growthbook-golang":
				m.versions = append(m.versions, d.Path+" "+d.Version)
			}
		}
	}
	m.versions = append(m.versions, npmVersions()...)
	m.core = bundle.HashOf(wasm.Core).String()
	m.revision = output("git", "describe", "--always", "--dirty")
	return m
}

func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug names the machine in a file name.
func (m machine) slug() string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(m.cpu), "-"), "-") + fmt.Sprintf("-%d", m.cores)
}
