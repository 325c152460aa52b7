// Package buildinfo says what a program was built from: its version, the core that it embeds, and
// the formats that it reads and writes.
//
// This package is internal to Sortition and may change without notice.
package buildinfo

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// Info describes a program.
type Info struct {
	Version string      `json:"version"` // of the module; "(devel)" for a build of a checkout
	Commit  string      `json:"commit"`  // empty where the build does not know it; ends with "-dirty" if files were changed
	Core    bundle.Core `json:"core"`    // the embedded core.wasm, with the version of its ABI
	Schema  int         `json:"schema"`  // the newest version of the payload format
	Formats []string    `json:"formats"` // types of signed documents, as in their envelopes
}

// Read returns the description of the running program.
func Read() Info {
	i := Info{
		Version: "unknown", Core: bundle.CoreOf(wasm.Core, abi.Version), Schema: payload.Schema,
		Formats: []string{bundle.RootType, bundle.ManifestType},
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return i
	}
	i.Version = build.Main.Version
	dirty := false
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			i.Commit = s.Value
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if dirty && i.Commit != "" {
		i.Commit += "-dirty"
	}
	return i
}

// String describes the program in several lines, the first of which is the version and the commit.
func (i Info) String() string {
	version := i.Version
	if i.Commit != "" {
		version += " (" + i.Commit + ")"
	}
	return fmt.Sprintf("%s\ncore     sha256:%s, ABI %d\npayload  schema %d\nsigned   %s",
		version, i.Core.SHA256, i.Core.ABI, i.Schema, strings.Join(i.Formats, ", "))
}
