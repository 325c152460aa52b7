package buildinfo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func TestRead(t *testing.T) {
	text := Read().String()
	hash := sha256.Sum256(wasm.Core)
	for _, want := range []string{hex.EncodeToString(hash[:]), fmt.Sprintf("ABI %d", abi.Version), "schema 1", "application/vnd.sortition.manifest+json"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
