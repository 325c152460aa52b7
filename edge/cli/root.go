package cli

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// builtInRoot is the root that is trusted where none is given: the file of a signed root
// document in base64, set when the program is built.
//
//	go build -ldflags "-X github.com/sortition-dev/sortition/edge/cli.builtInRoot=$(base64 -w0 root.json)" ./edge
var builtInRoot string

// readRoot reads the root that an edge trusts from the beginning: the one in the file,
// or the built-in one if path is empty.
func readRoot(path string) (*bundle.Root, error) {
	if path == "" {
		return readBuiltInRoot()
	}
	data, err := readFile("root", path, bundle.MaxEnvelopeSize)
	if err != nil {
		return nil, err
	}
	root, err := bundle.ParseRoot(data)
	if err != nil {
		return nil, fmt.Errorf("--root %s: %w", path, err)
	}
	return root, nil
}

func readBuiltInRoot() (*bundle.Root, error) {
	if builtInRoot == "" {
		return nil, errors.New("--root is missing: name the file of the trusted root; this program has none built in")
	}
	data, err := base64.StdEncoding.DecodeString(builtInRoot)
	if err != nil {
		return nil, fmt.Errorf("the built-in root is not valid base64: %w; use --root", err)
	}
	root, err := bundle.ParseRoot(data)
	if err != nil {
		return nil, fmt.Errorf("the built-in root: %w; use --root", err)
	}
	return root, nil
}
