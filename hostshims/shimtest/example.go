package shimtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Example publishes the shop for an Example function, which has no [testing.TB]. A failure
// panics. Done closes the hosts that Open returned and removes all files.
func Example() (s *Shop, done func()) {
	dir, err := os.MkdirTemp("", "shop")
	if err != nil {
		panic(err)
	}
	t := &exampleTB{dir: dir}
	return New(t), t.done
}

// exampleTB implements the methods of [testing.TB] that a [Shop] uses.
type exampleTB struct {
	testing.TB
	dir     string
	folders int
	cleanup []func()
}

func (t *exampleTB) Helper()           {}
func (t *exampleTB) Fatal(args ...any) { panic(fmt.Sprint(args...)) }
func (t *exampleTB) Cleanup(f func())  { t.cleanup = append(t.cleanup, f) }

func (t *exampleTB) TempDir() string {
	t.folders++
	path := filepath.Join(t.dir, fmt.Sprint(t.folders))
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func (t *exampleTB) done() {
	for i := range t.cleanup {
		t.cleanup[len(t.cleanup)-1-i]()
	}
	_ = os.RemoveAll(t.dir) // a temporary directory: the system can remove it too
}
