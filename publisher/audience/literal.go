package audience

import (
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// The core compares numbers, times and versions by keys that have their order. These
// give the keys of literals; text is the literal as written.

func numberValue(f float64, text string) (model.Value, bool) {
	key, ok := assign.NumberKey(f)
	return model.Value{Ordered: key, Text: text}, ok
}

func versionValue(version string) (model.Value, bool) {
	key, ok := assign.VersionKey(version)
	return model.Value{Version: key, Text: version}, ok
}

func timeValue(text string) (model.Value, bool) {
	at, err := time.Parse(time.RFC3339, text)
	return model.Value{Ordered: assign.TimeKey(at.UnixMilli()), Text: text}, err == nil
}
