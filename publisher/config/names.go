package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/closest"
)

// Limits of names and texts, in bytes.
const (
	MaxBucketLength  = 1_024
	MaxKeyNameLength = 1_024 // of the name of a signing key
	MaxSaltLength    = 256
	MaxNameLength    = 256 // of a name for people
)

var (
	keyForm       = regexp.MustCompile(`^[a-z0-9_-]+$`)
	attributeForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// reservedWords are the reserved words of CEL, which cannot be names of attributes.
var reservedWords = strings.Fields(`as break const continue else false for function if import in let loop
	namespace null package return true var void while`)

// checkKey reports whether a key is valid, and adds a problem if it is not. What describes, in
// words, what the key belongs to.
func (l *loader) checkKey(key At[string], what string) bool {
	switch {
	case !key.Given():
		return false
	case len(key.Value) > model.MaxKeyLength:
		l.fail(key.Pos, fmt.Sprintf("the key of %s is %d characters long; the limit is %d", what, len(key.Value), model.MaxKeyLength), "")
	case !keyForm.MatchString(key.Value):
		hint := fmt.Sprintf("a key consists of 1 to %d of the characters a-z, 0-9, _ and -", model.MaxKeyLength)
		if better := likelyKey(key.Value); better != "" {
			hint += fmt.Sprintf(", for example %q", better)
		}
		l.fail(key.Pos, fmt.Sprintf("%q cannot be the key of %s", key.Value, what), hint)
	default:
		return true
	}
	return false
}

// likelyKey returns a valid key that resembles s.
func likelyKey(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '_'
	}, s), "_")
}

func (l *loader) checkAttributeName(name At[string]) {
	switch {
	case len(name.Value) > model.MaxKeyLength:
		l.fail(name.Pos, fmt.Sprintf("the name of an attribute is %d characters long; the limit is %d", len(name.Value), model.MaxKeyLength), "")
	case slices.Contains(reservedWords, name.Value):
		l.fail(name.Pos, fmt.Sprintf("%q cannot be the name of an attribute: it is a reserved word in expressions", name.Value), "choose another name")
	case !attributeForm.MatchString(name.Value):
		l.fail(name.Pos, fmt.Sprintf("%q cannot be the name of an attribute", name.Value),
			"a name consists of letters, digits and underscores, and does not begin with a digit")
	}
}

// checkText reports a text that is empty or longer than limit bytes.
func (l *loader) checkText(text At[string], what string, limit int) {
	switch {
	case !text.Given():
	case strings.TrimSpace(text.Value) == "":
		l.fail(text.Pos, what+" is empty", "")
	case len(text.Value) > limit:
		l.fail(text.Pos, fmt.Sprintf("%s is %d bytes long; the limit is %d", what, len(text.Value), limit), "")
	}
}

func (l *loader) checkSalt(salt At[string]) {
	l.checkText(salt, "the salt", MaxSaltLength)
	switch {
	case strings.ContainsFunc(salt.Value, unicode.IsControl):
		l.fail(salt.Pos, "the salt contains control characters", "")
	case strings.HasPrefix(salt.Value, "layer/"), strings.HasPrefix(salt.Value, "holdout/"):
		l.fail(salt.Pos, `salts that begin with "layer/" or "holdout/" are reserved for layers and holdouts`, "choose another salt")
	}
}

func (l *loader) checkID(id At[ID]) {
	switch {
	case !id.Given():
	case id.Value == "":
		l.fail(id.Pos, "the unit id is empty", "")
	case len(id.Value) > event.MaxIDLength:
		l.fail(id.Pos, fmt.Sprintf("the unit id is %d bytes long; the limit is %d", len(id.Value), event.MaxIDLength), "")
	}
}

// lookup returns the index of a name in known. If the name is unknown, it adds a problem and
// returns model.None. It also returns model.None if the file does not give the name.
func (l *loader) lookup(name At[string], singular, plural string, known []string) int {
	if !name.Given() {
		return model.None
	}
	i := slices.Index(known, name.Value)
	if i < 0 {
		l.fail(name.Pos, fmt.Sprintf("unknown %s %q", singular, name.Value), closest.Hint(name.Value, plural, known))
	}
	return i
}

// lookupAll returns the indexes of names in known, ascending and without duplicates. It reports
// unknown names and names that appear twice.
func (l *loader) lookupAll(names []At[string], singular, plural string, known []string) []int {
	var indexes []int
	for _, name := range names {
		i := l.lookup(name, singular, plural, known)
		switch {
		case i == model.None:
		case slices.Contains(indexes, i):
			l.fail(name.Pos, fmt.Sprintf("the %s %q appears twice", singular, name.Value), "")
		default:
			indexes = append(indexes, i)
		}
	}
	slices.Sort(indexes)
	return indexes
}

// keysOf returns the key of each item.
func keysOf[T any](items []T, key func(T) string) []string {
	keys := make([]string, len(items))
	for i, item := range items {
		keys[i] = key(item)
	}
	return keys
}

// orDefault returns the text if the file gives it, and other if not.
func orDefault(text At[string], other string) string {
	if text.Given() {
		return text.Value
	}
	return other
}
