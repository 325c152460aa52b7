package memo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

const buildSize = sha256.Size

// prefixSize is how much is read of an executable that has its build ID there. The linker puts it
// into the first part, so that it is found quickly.
const prefixSize = 64 << 10

// buildIDs mark a build ID of Go, a hash of all that the executable is made of: in a note of ELF,
// and elsewhere in the text.
var buildIDs = [][]byte{[]byte("\x04\x00\x00\x00Go\x00\x00"), []byte("\xff Go build ID: \"")}

// thisBuild identifies the running executable, in buildSize bytes. It reports false if that is not
// possible.
var thisBuild = sync.OnceValues(func() (string, bool) {
	if runtime.GOOS == "linux" {
		return identify("/proc/self/exe") // also if another file has taken the executable's name
	}
	path, err := os.Executable()
	if err != nil {
		return "", false
	}
	return identify(path)
})

// identify hashes the part of an executable with the build ID, or all of it if it has none.
func identify(path string) (string, bool) {
	f, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer func() { _ = f.Close() }()
	prefix, err := io.ReadAll(io.LimitReader(f, prefixSize))
	if err != nil {
		return "", false
	}
	hash := sha256.New()
	_, _ = hash.Write(prefix)
	if !bytes.Contains(prefix, buildIDs[0]) && !bytes.Contains(prefix, buildIDs[1]) {
		if _, err := io.Copy(hash, f); err != nil {
			return "", false
		}
	}
	if info, err := f.Stat(); err == nil {
		_ = binary.Write(hash, binary.LittleEndian, info.Size())
	}
	if built, ok := debug.ReadBuildInfo(); ok {
		_, _ = io.WriteString(hash, built.String())
	}
	return string(hash.Sum(nil)), true
}
