// Package variantkey makes the key by which a cache tells the copies of one page apart.
//
// A page differs between visitors by the variants that they are given of the experiments
// and flags that touch its path, see package bundle/route, and by those alone. The key is
// the canonical text of that combination: one text for one combination, whatever made it.
//
//   - Take the experiments and flags that touch the path and give the visitor a variant.
//     Whoever is given none is left out, so that an experiment that begins or ends leaves
//     the copies of all others valid.
//   - Write each as its key, a full stop, and the key of the variant.
//   - Join them, ascending by the bytes of the experiment's key, with tildes.
//   - If that is empty, the key is a hyphen: -
//   - If that is longer than 128 bytes, the key is a tilde and the first 16 bytes of its
//     SHA-256 as base64url without padding.
//
// Keys of experiments and variants have the characters a-z 0-9 _ - alone, so that the text
// can be read in one way only, and needs no quotes or escapes in a URL or a header.
//
// As a worked example, of a visitor who is given green by checkout_button and b by hero, and
// nothing by search:
//
//	checkout_button.green~hero.b
//
// and of one who is given a by an experiment whose key is 128 times x:
//
//	~C8HaPziUwThwHFJoMTDdPw
//
// What a variant means is not part of the key: who publishes another configuration for a
// variant purges the pages, as for any other change to them. Tag gives the tag to purge by.
//
// The file testdata/variantkeys.json has further values, for other implementations to try.
package variantkey

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

const (
	// MaxLength is the longest key in bytes: people can read it, and it leaves room in
	// the headers and keys of every cache.
	MaxLength = 128

	// None is the key of a combination without any variant.
	None = "-"

	hashPrefix = "~"
	hashSize   = 16 // bytes: beyond a collision by chance
)

// Of returns the key of a combination: variants by experiment or flag, of those that touch
// the path. An empty variant counts as none.
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

// Tag returns the tag of an experiment or flag, for a header such as Surrogate-Key: every
// page that it touches has it, whatever the visitor is given.
func Tag(experiment string) string { return "sortition-" + experiment }
