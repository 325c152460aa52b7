// Guest compiles the guest for http-wasm.
//
//	go run ./cmd/guest sortition.wasm
//
// Go names the function that a proxy must call first _initialize. Proxies with http-wasm call
// _start, so the command renames the export.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./cmd/guest OUT.wasm")
		os.Exit(2)
	}
	if err := build(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(1)
	}
}

func build(out string) error {
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, "./guest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	module, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	if module, err = rename(module); err != nil {
		return err
	}
	return os.WriteFile(out, module, 0o644)
}

const (
	headerSize    = 8 // magic number and version of a module
	exportSection = 7
)

var errModule = errors.New("the module does not export _initialize exactly once")

// rename renames the export _initialize to _start.
func rename(module []byte) ([]byte, error) {
	for at := headerSize; at < len(module); {
		id := module[at]
		size, n := binary.Uvarint(module[at+1:])
		from := at + 1 + n
		to := from + int(size)
		if n <= 0 || to > len(module) {
			break
		}
		if id == exportSection {
			was, is := []byte("\x0b_initialize"), []byte("\x06_start")
			if bytes.Count(module[from:to], was) != 1 {
				break
			}
			section := bytes.Replace(module[from:to], was, is, 1)
			renamed := append(bytes.Clone(module[:at]), exportSection)
			renamed = binary.AppendUvarint(renamed, uint64(len(section)))
			return append(append(renamed, section...), module[to:]...), nil
		}
		at = to
	}
	return nil, errModule
}
