package assign

import (
	"reflect"
	"testing"
)

// TestColumnsNameTheFields holds the list of columns against the struct that it names.
func TestColumnsNameTheFields(t *testing.T) {
	fields := reflect.TypeFor[program]()
	if fields.NumField() != len(columns) || fields.Size() != uintptr(len(columns))*reflect.TypeFor[[]byte]().Size() {
		t.Fatalf("%d fields of %d bytes, %d columns", fields.NumField(), fields.Size(), len(columns))
	}
	widths := map[string]int{"u8s": 1, "u16s": 2, "u32s": 4, "u64s": 8}
	seen := map[string]bool{}
	for i, c := range columns {
		if f := fields.Field(i); widths[f.Type.Name()] != c.width {
			t.Errorf("%s has %d bytes, its field %s is %s", c.name, c.width, f.Name, f.Type.Name())
		}
		if seen[c.name] {
			t.Errorf("%s stands twice", c.name)
		}
		seen[c.name] = true
	}
}
