package callgrind

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTotal(t *testing.T) {
	file := filepath.Join(t.TempDir(), "callgrind.out.1")
	if err := os.WriteFile(file, []byte("events: Ir\nfn=(1) f\n3 15\n\ntotals: 1234567\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if total, err := Total(file); err != nil || total != 1_234_567 {
		t.Errorf("the total is %d (%v)", total, err)
	}
	if err := os.WriteFile(file, []byte("events: Ir\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Total(file); err == nil {
		t.Error("a file without a total has one")
	}
}
