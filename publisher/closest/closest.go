// Package closest suggests the name that somebody probably meant when a name is unknown.
//
// This package is internal to Sortition and may change without notice.
package closest

import (
	"fmt"
	"slices"
	"strings"
)

const (
	maxCompared = 2_000 // candidates that are compared
	maxWord     = 64    // bytes; longer words are not compared
	maxListed   = 10    // names that are listed if none is close
)

// Hint returns a hint for an unknown word: the closest of the known names, or all of them if
// they are few, or nothing. What is the plural noun for the names, such as "attributes".
func Hint(word, what string, known []string) string {
	if name, ok := Match(word, known); ok {
		return fmt.Sprintf("did you mean %q?", name)
	}
	named := slices.DeleteFunc(slices.Clone(known), func(name string) bool { return name == "" })
	switch {
	case len(named) == 0:
		return "no " + what + " are declared"
	case len(named) > maxListed:
		return ""
	}
	slices.Sort(named)
	return what + ": " + strings.Join(named, ", ")
}

// Match returns the candidate that was probably meant by word: the one at the smallest edit
// distance, ignoring case. The distance is at most about a third of the word's length. Among
// equals, Match prefers the longest common prefix, then the first.
func Match(word string, candidates []string) (string, bool) {
	if len(word) > maxWord {
		return "", false
	}
	word = strings.ToLower(word)
	best, least, longest := "", (len(word)+1)/3+1, 0
	for _, candidate := range candidates[:min(len(candidates), maxCompared)] {
		if candidate == "" || len(candidate) > maxWord {
			continue
		}
		lower := strings.ToLower(candidate)
		d, common := distance(word, lower), commonPrefix(word, lower)
		if d < least || d == least && best != "" && common > longest {
			best, least, longest = candidate, d, common
		}
	}
	return best, best != ""
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// distance returns the number of insertions, deletions, replacements and swaps of neighbours
// that change a to b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			replace := last[j-1]
			if s[i-1] != t[j-1] {
				replace++
			}
			row[j] = min(replace, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}
