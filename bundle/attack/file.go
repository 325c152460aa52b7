// Package attack reads testdata/attacks.json, which describes attacks on a host. An attack is the
// content of a bucket, with what the host must serve in spite of it. The file is for hosts in
// every language. The tests of this package run its attacks against edge/host, and others that
// need time, networks, disks or chance.
//
// # The file
//
// A world is a bucket with revisions of an honest publisher, and the first root of the host. If
// the world has an application, the host also gets its name. The host starts with no other
// state. Cases are independent of each other. To run one:
//
//  1. If the case has a "have", let the host read the world's objects. It must then serve
//     that revision.
//  2. Change the world's objects to those of the case, which are the attacker's; null removes
//     an object.
//  3. Let the host read the bucket at the case's time, until it has read the hint
//     (latest.json) and all manifests after its own.
//  4. The host must serve the revision in "want", or none if it is null. It must have counted
//     at least one rejection for the case's reason, and none for any other. If the reason is
//     empty, it must have counted none.
//
// If the case wants a revision, the host must decide the world's request with the variant and
// the configuration that the file has for that revision.
//
// Bytes are in base64. Package reload defines the reasons. No case depends on which of the two
// packed payloads a host reads.
//
// This package is internal to Sortition and may change without notice.
package attack

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// File is the content of attacks.json.
type File struct {
	About  []string `json:"about"`
	Worlds []World  `json:"worlds"`
}

// World is the start of several cases.
type World struct {
	Name        string            `json:"name"`
	Why         string            `json:"why"`
	Root        []byte            `json:"root"` // the envelope of the host's first root
	Environment string            `json:"environment"`
	Application string            `json:"application,omitempty"` // of the host; absent if it serves all
	Objects     map[string][]byte `json:"objects"`               // the honest bucket
	Request     Request           `json:"request"`
	Experiment  string            `json:"experiment"` // that the host decides for the request
	Decisions   []Decision        `json:"decisions"`  // of every revision that a case wants
	Cases       []Case            `json:"cases"`
}

// Request is the request to decide.
type Request struct {
	Now        int64             `json:"now"` // milliseconds since the Unix epoch
	Units      map[string]string `json:"units"`
	Attributes map[string]string `json:"attributes"`
}

// Version identifies a manifest.
type Version struct {
	Epoch    uint64 `json:"epoch"`
	Revision uint64 `json:"revision"`
}

// Decision is the decision of a revision for the request.
type Decision struct {
	Version
	Variant string `json:"variant"`
	Config  string `json:"config"` // JSON
}

// Case is one attack.
type Case struct {
	Name    string            `json:"name"`
	Why     string            `json:"why,omitempty"`
	Have    *Version          `json:"have"`    // null: the host starts without a revision
	Objects map[string][]byte `json:"objects"` // null: the object is removed
	Now     time.Time         `json:"now"`
	Want    *Version          `json:"want"` // null: the host has nothing to serve
	Stale   bool              `json:"stale"`
	Reason  string            `json:"reason"` // empty: nothing is rejected
}

// Path returns the path of the file in the source tree.
func Path() (string, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return "", fmt.Errorf("attacks.json: cannot find the source tree")
	}
	return filepath.Join(filepath.Dir(here), "testdata", "attacks.json"), nil
}

// Load reads the file from the source tree.
func Load() (*File, error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := new(File)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("attacks.json: %w", err)
	}
	return f, nil
}
