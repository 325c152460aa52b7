// Package variantkey computes the key by which a cache distinguishes the variants of one page.
//
// A page differs between visitors only by their variants of the experiments and flags that touch
// its path; see package bundle/route. The key is the canonical text of that combination, the same
// from every implementation:
//
//   - Take the experiments and flags that touch the path and give the visitor a variant. Leave
//     out those without a variant, so that a start or an end of an experiment does not change
//     the keys of visitors outside it.
//   - Write each as its key, a full stop, and the key of the variant.
//   - Join them with tildes, ascending by the bytes of the experiment's key.
//   - If the result is empty, the key is a hyphen: -
//   - If the result is longer than 128 bytes, the key is a tilde and the first 16 bytes of its
//     SHA-256 as base64url without padding.
//
// The keys of experiments and variants contain only the characters a-z 0-9 _ -. So the text is
// unambiguous, and needs no quotes or escapes in a URL or a header.
//
// For example, the key of a visitor with variant green of checkout_button, variant b of hero, and
// no variant of search is
//
//	checkout_button.green~hero.b
//
// The key of a visitor with variant a of an experiment whose key is 128 times x is
//
//	~C8HaPziUwThwHFJoMTDdPw
//
// The configuration of a variant is not part of the key. If you publish another configuration,
// purge the pages, as for any other change to them. [Tag] returns the tag to purge by.
//
// The file testdata/variantkeys.json has test vectors for other implementations.
package variantkey

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

const (
	// MaxLength is the length of the longest key in bytes. It fits into the headers and cache
	// keys of every cache.
	MaxLength = 128

	// None is the key of a combination without variants.
	None = "-"

	hashPrefix = "~"
	hashSize   = 16 // bytes: enough to make collisions improbable
)

// Of returns the key of a combination. The argument has the variants by experiment or flag, only of
// those that touch the path. An empty variant means no variant.
func Of(variants map[string]string) string {
	var text strings.Builder
	for _, experiment := range slices.Sorted(maps.Keys(variants)) {
		if variants[experiment] == "" {
			continue
		}
		if text.Len() > 0 {
			text.WriteByte('~')
		}
		text.WriteString(experiment)
		text.WriteByte('.')
		text.WriteString(variants[experiment])
	}
	switch {
	case text.Len() == 0:
		return None
	case text.Len() > MaxLength:
		hash := sha256.Sum256([]byte(text.String()))
		return hashPrefix + base64.RawURLEncoding.EncodeToString(hash[:hashSize])
	}
	return text.String()
}

// Tag returns the tag of an experiment or flag, for a header such as Surrogate-Key. Every page that
// it touches has the tag, also without a variant.
func Tag(experiment string) string { return "sortition-" + experiment }
