package wasm_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/sortition-dev/sortition/wasm"
)

// TestCoreExportsItsContract compares the module's exports with the table in ABI.md.
func TestCoreExportsItsContract(t *testing.T) {
	contract, err := os.ReadFile("ABI.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllSubmatch(contract, -1) {
		want = append(want, string(row[1]))
	}
	slices.Sort(want)

	runtime := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	defer runtime.Close(t.Context())
	core, err := runtime.CompileModule(t.Context(), wasm.Core)
	if err != nil {
		t.Fatal(err)
	}
	got := append(slices.Collect(maps.Keys(core.ExportedFunctions())), slices.Collect(maps.Keys(core.ExportedMemories()))...)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("core.wasm exports %q, ABI.md has %q", got, want)
	}
	if n := len(core.ImportedFunctions()) + len(core.ImportedMemories()); n > 0 {
		t.Errorf("core.wasm has %d imports", n)
	}
}
