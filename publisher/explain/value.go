package explain

import (
	"cmp"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// number returns a request's value as a number. NaN counts as missing.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, !math.IsNaN(v)
	case int64:
		return float64(v), true
	case time.Time: // requests encode times as integers
		return float64(v.UnixMilli()), true
	}
	return 0, false
}

// instant returns a request's value as milliseconds since the Unix epoch.
func instant(v any) (int64, bool) {
	switch v := v.(type) {
	case time.Time:
		return v.UnixMilli(), true
	case int64:
		return v, true
	case string:
		return parseTime(v)
	}
	return 0, false
}

// rfc3339 is the grammar of RFC 3339. [time.Parse] also accepts a decimal comma, and offsets of a
// day or more.
var rfc3339 = regexp.MustCompile(
	`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

func parseTime(s string) (int64, bool) {
	if !rfc3339.MatchString(s) {
		return 0, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UnixMilli(), err == nil
}

// Limits of a version.
const (
	maxVersionLength = 128 // bytes
	maxVersionParts  = 4
	maxVersionDigits = 18 // of one number without leading zeros, so that it fits an int64
)

// version is a version number, with the identifiers of a pre-release.
type version struct {
	parts [maxVersionParts]int64
	pre   []string // nil for a release
}

// parseVersion parses an optional "v", one to four numbers, a pre-release after "-", and build
// metadata after "+", which it ignores.
func parseVersion(s string) (version, bool) {
	var v version
	if len(s) > maxVersionLength {
		return v, false
	}
	s = strings.TrimPrefix(s, "v")
	s, _, _ = strings.Cut(s, "+")
	s, pre, hasPre := strings.Cut(s, "-")
	if hasPre {
		v.pre = strings.Split(pre, ".")
	}
	for _, id := range v.pre {
		if _, ok := wholeNumber(id); !ok && (digits(id) || !word(id)) {
			return v, false
		}
	}
	parts := strings.Split(s, ".")
	if len(parts) > maxVersionParts {
		return v, false
	}
	for i, part := range parts {
		n, ok := wholeNumber(part)
		if !ok {
			return v, false
		}
		v.parts[i] = n
	}
	return v, true
}

// wholeNumber parses digits, which may have leading zeros.
func wholeNumber(s string) (int64, bool) {
	if !digits(s) || len(strings.TrimLeft(s, "0")) > maxVersionDigits {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func digits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// word reports whether s consists of letters, digits and hyphens.
func word(s string) bool {
	for _, c := range s {
		if c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}

// compare compares versions as semantic versioning does: first the numbers; then a pre-release
// precedes its release; then the identifiers of the pre-releases, one by one.
func (v version) compare(o version) int {
	for i := range v.parts {
		if c := cmp.Compare(v.parts[i], o.parts[i]); c != 0 {
			return c
		}
	}
	switch {
	case v.pre == nil && o.pre == nil:
		return 0
	case v.pre == nil:
		return 1
	case o.pre == nil:
		return -1
	}
	for i := range min(len(v.pre), len(o.pre)) {
		if c := compareIdentifiers(v.pre[i], o.pre[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(v.pre), len(o.pre))
}

// compareIdentifiers compares numbers by value and words by bytes. Numbers precede words.
func compareIdentifiers(a, b string) int {
	numA, isNumA := wholeNumber(a)
	numB, isNumB := wholeNumber(b)
	switch {
	case isNumA && isNumB:
		return cmp.Compare(numA, numB)
	case isNumA:
		return -1
	case isNumB:
		return 1
	}
	return cmp.Compare(a, b)
}
