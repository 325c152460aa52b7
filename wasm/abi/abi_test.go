package abi_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/sortition-dev/sortition/wasm/abi"
)

// TestReasonsAreThoseOfTheContract reads the table of reasons in ABI.md.
func TestReasonsAreThoseOfTheContract(t *testing.T) {
	contract, err := os.ReadFile("../ABI.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| (\\d+) \\| `([a-z_]+)` \\|").FindAllSubmatch(contract, -1)
	if want := int(abi.ReasonDefault); len(rows) != want {
		t.Fatalf("ABI.md has %d reasons, want %d", len(rows), want)
	}
	for i, row := range rows {
		r := abi.Reason(i + 1)
		if got, want := string(row[1])+" "+string(row[2]), fmt.Sprint(int(r), " ", r); got != want {
			t.Errorf("ABI.md has reason %q, the code has %q", got, want)
		}
	}
	if got := abi.Reason(200).String(); got != "unknown" {
		t.Errorf("reason 200 is called %q", got)
	}
}

// TestVersionIsThatOfTheContract reads the headline of ABI.md.
func TestVersionIsThatOfTheContract(t *testing.T) {
	contract, err := os.ReadFile("../ABI.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("# The core's ABI, version %d\n", abi.Version); string(contract[:len(want)]) != want {
		t.Errorf("ABI.md does not begin with %q", want)
	}
}
