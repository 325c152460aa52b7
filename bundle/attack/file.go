// Package attack reads testdata/attacks.json: attacks on a host, each as the bytes that
// it finds in its bucket, with what it must serve all the same. They are for hosts in
// every language; the tests of this package run them against edge/host, and much else
// that does not fit into a file: time, networks, disks, chance.
//
// # The file
//
// A world is a bucket to which an honest publisher published revisions, and a root that
// the host is given. The host begins with nothing but that root, and the name of an
// application where the world has one. Each case stands for
// itself:
//
//  1. If the case says what the host has, let it look at the world's objects as they
//     are. It must then serve that revision.
//  2. Put the case's objects over the world's: null takes an object away. They are what
//     the attacker did.
//  3. Let the host look at the bucket at the case's time, until it has read the hint
//     (latest.json) and walked over the manifests beyond what it has.
//  4. It must serve the revision that the case wants, or none, and must have counted at
//     least one rejection for the case's reason, and none for any other. No reason means
//     that there is nothing to reject.
//
// Where a case wants a revision, the host decides the world's request, and must give the
// variant and the configuration that the file tells for that revision.
//
// Bytes are in base64. The reasons are those of package reload. No case depends on which
// of the two packed payloads a host reads.
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

// File is the whole of attacks.json.
type File struct {
	About  []string `json:"about"`
	Worlds []World  `json:"worlds"`
}

// World is what the cases have in common.
type World struct {
	Name        string            `json:"name"`
	Why         string            `json:"why"`
	Root        []byte            `json:"root"` // the envelope that the host is given
	Environment string            `json:"environment"`
	Application string            `json:"application,omitempty"` // of the host; left out for all of them
	Objects     map[string][]byte `json:"objects"`               // the honest bucket
	Request     Request           `json:"request"`
	Experiment  string            `json:"experiment"` // to be decided for the request
	Decisions   []Decision        `json:"decisions"`  // by every revision that a case wants
	Cases       []Case            `json:"cases"`
}

// Request is what is known about a visitor.
type Request struct {
	Now        int64             `json:"now"` // milliseconds since the Unix epoch
	Units      map[string]string `json:"units"`
	Attributes map[string]string `json:"attributes"`
}

// Version says which manifest is meant.
type Version struct {
	Epoch    uint64 `json:"epoch"`
	Revision uint64 `json:"revision"`
}

// Decision is what a revision decides.
type Decision struct {
	Version
	Variant string `json:"variant"`
	Config  string `json:"config"` // JSON
}

// Case is one attack.
type Case struct {
	Name    string            `json:"name"`
	Why     string            `json:"why,omitempty"`
	Have    *Version          `json:"have"`    // null: the host begins with the attack
	Objects map[string][]byte `json:"objects"` // null: the object is gone
	Now     time.Time         `json:"now"`
	Want    *Version          `json:"want"` // null: the host has nothing to serve
	Stale   bool              `json:"stale"`
	Reason  string            `json:"reason"` // empty: nothing is rejected
}

// Path is where the file is in this source tree.
func Path() (string, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return "", fmt.Errorf("attacks: the source tree is not known")
	}
	return filepath.Join(filepath.Dir(here), "testdata", "attacks.json"), nil
}

// Load reads the file of this source tree.
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
