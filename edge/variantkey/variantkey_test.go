package variantkey

import (
	"encoding/json"
	"os"
	"testing"
)

func TestVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/variantkeys.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Variants map[string]string
		Key      string
	}
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, v := range vectors {
		if got := Of(v.Variants); got != v.Key {
			t.Errorf("%v: %s, want %s", v.Variants, got, v.Key)
		}
	}
}

// TestOneKeyPerCombination tries all combinations of three experiments whose keys and variants are
// prefixes of one another.
func TestOneKeyPerCombination(t *testing.T) {
	values := []string{"", "a", "a-b", "b"}
	keys := map[string]bool{}
	for _, x := range values {
		for _, y := range values {
			for _, z := range values {
				keys[Of(map[string]string{"a": x, "a-b": y, "b": z})] = true
			}
		}
	}
	if want := len(values) * len(values) * len(values); len(keys) != want {
		t.Errorf("%d keys for %d combinations", len(keys), want)
	}
}
