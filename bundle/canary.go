package bundle

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// Canary says which hosts take a revision, and which revision all other hosts keep. A manifest
// without a canary is for every host.
type Canary struct {
	// Stable is the revision for hosts outside the canary. It is an earlier revision of the
	// same epoch, and has no canary itself.
	Stable uint64 `json:"stable"`
	// Salt is the salt of the hosts' draws, so that each canary takes other hosts. It stays
	// the same while Share grows, so that the hosts in the canary stay in it.
	Salt string `json:"salt"`
	// Share is the number of slots in the canary, 1 to 10,000.
	Share int `json:"share"`
	// Labels limit the canary to hosts that have, for each label, one of its values. They
	// are in ascending order of name.
	Labels []Label `json:"labels"`
}

// Label is the name of a label with the values that match, in ascending order.
type Label struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Identity is what a host says about itself: an id that is unique and does not change, and
// labels, for example its region.
type Identity struct {
	ID     string            // if empty, the host is only in canaries of all slots
	Labels map[string]string // by name
}

// Includes reports whether a host is in the canary.
func (c *Canary) Includes(host Identity) bool {
	for _, l := range c.Labels {
		value, ok := host.Labels[l.Name]
		if !ok || !slices.Contains(l.Values, value) {
			return false
		}
	}
	if host.ID == "" {
		return c.Share == assign.Slots
	}
	return assign.Slot(assign.Hash(c.Salt, host.ID)) < c.Share
}

// Check checks the id and the labels.
func (i Identity) Check() error {
	if i.ID != "" {
		if err := checkWord("host id", i.ID, MaxHostIDLength); err != nil {
			return err
		}
	}
	if n := len(i.Labels); n > MaxHostLabels {
		return fmt.Errorf("labels: the host has %d; the limit is %d", n, MaxHostLabels)
	}
	for _, name := range slices.Sorted(maps.Keys(i.Labels)) {
		if err := errors.Join(checkWord("label", name, MaxLabelLength), checkWord("label "+name, i.Labels[name], MaxLabelLength)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Canary) complete() {
	c.Labels = listOf(c.Labels)
	for i := range c.Labels {
		c.Labels[i].Values = listOf(c.Labels[i].Values)
	}
}

// validate checks the canary of a revision; nil is valid.
func (c *Canary) validate(revision uint64) error {
	if c == nil {
		return nil
	}
	if c.Stable < 1 || c.Stable >= revision {
		return fmt.Errorf("canary: stable: must be a revision before %d; is %d", revision, c.Stable)
	}
	if c.Share < 1 || c.Share > assign.Slots {
		return fmt.Errorf("canary: share: must be from 1 to %d slots; is %d", assign.Slots, c.Share)
	}
	if err := checkWord("canary: salt", c.Salt, MaxLabelLength); err != nil {
		return err
	}
	if n := len(c.Labels); n > MaxHostLabels {
		return fmt.Errorf("canary: labels: there are %d; the limit is %d", n, MaxHostLabels)
	}
	last := ""
	for _, l := range c.Labels {
		if l.Name <= last {
			return fmt.Errorf("canary: labels: %q comes after %q; the names must be in ascending order", l.Name, last)
		}
		last = l.Name
		if err := errors.Join(checkWord("canary: label", l.Name, MaxLabelLength), checkLabelValues(l)); err != nil {
			return err
		}
	}
	return nil
}

func checkLabelValues(l Label) error {
	if n := len(l.Values); n < 1 || n > MaxLabelValues {
		return fmt.Errorf("canary: label %s: must have 1 to %d values; has %d", l.Name, MaxLabelValues, n)
	}
	last := ""
	for _, value := range l.Values {
		if value <= last {
			return fmt.Errorf("canary: label %s: %q comes after %q; the values must be in ascending order", l.Name, value, last)
		}
		last = value
		if err := checkWord("canary: label "+l.Name, value, MaxLabelLength); err != nil {
			return err
		}
	}
	return nil
}

// checkWord checks that a word is safe in file names, URLs and metric labels.
func checkWord(name, word string, limit int) error {
	if word == "" || len(word) > limit {
		return fmt.Errorf("%s: must have 1 to %d characters; has %d", name, limit, len(word))
	}
	outside := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c)
	}
	if strings.ContainsFunc(word, outside) || word[0] == '.' {
		return fmt.Errorf("%s: may contain letters, digits, - _ and . only, and must not begin with a dot; it is %q", name, word)
	}
	return nil
}
