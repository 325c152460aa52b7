package audience

import (
	"strconv"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// The core compares numbers, times and versions by keys that have the same order. The functions
// below return the keys of literals.

// numberValue returns the key of f, and the shortest text that parses as f. CEL has forms of
// numbers that other parsers do not read.
func numberValue(f float64) (model.Value, bool) {
	key, ok := assign.NumberKey(f)
	return model.Value{Ordered: key, Text: strconv.FormatFloat(f, 'g', -1, 64)}, ok
}

func versionValue(version string) (model.Value, bool) {
	key, ok := assign.VersionKey(version)
	return model.Value{Version: key, Text: version}, ok
}

func timeValue(text string) (model.Value, bool) {
	ms, ok := assign.ParseTime(text)
	return model.Value{Ordered: assign.TimeKey(ms), Text: text}, ok
}
