package bundle

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// Canary says which hosts a revision is for, and what all others have. A manifest
// without one is for every host.
type Canary struct {
	// Stable is the revision, earlier and of the same epoch, that hosts outside of the
	// canary stay with or go to. It has no canary itself.
	Stable uint64 `json:"stable"`
	// Salt is the salt of the hosts' draws, so that not always the same hosts go first. It
	// is kept while the share grows, and so are the hosts.
	Salt string `json:"salt"`
	// Share is the number of slots, 1 to 10,000, that are in the canary.
	Share int `json:"share"`
	// Labels narrow it to hosts that have one of the values of each label. By name,
	// ascending.
	Labels []Label `json:"labels"`
}

// Label is a label with the values that match, ascending.
type Label struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Identity is what a host says of itself: an id that no other has and that it keeps, and
// labels, for example the region that it is in.
type Identity struct {
	ID     string            // empty: the host is in no canary but those of every slot
	Labels map[string]string // by name
}

// Includes tells whether a host is in the canary.
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
		return fmt.Errorf("labels: a host has at most %d, this one has %d", MaxHostLabels, n)
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
		return fmt.Errorf("canary: stable: must be a revision before %d, is %d", revision, c.Stable)
	}
	if c.Share < 1 || c.Share > assign.Slots {
		return fmt.Errorf("canary: share: must be from 1 to %d slots, is %d", assign.Slots, c.Share)
	}
	if err := checkWord("canary: salt", c.Salt, MaxLabelLength); err != nil {
		return err
	}
	if n := len(c.Labels); n > MaxHostLabels {
		return fmt.Errorf("canary: labels: there are %d, over the limit of %d", n, MaxHostLabels)
	}
	last := ""
	for _, l := range c.Labels {
		if l.Name <= last {
			return fmt.Errorf("canary: labels: %q after %q: the names must ascend", l.Name, last)
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
		return fmt.Errorf("canary: label %s: must have 1 to %d values, has %d", l.Name, MaxLabelValues, n)
	}
	last := ""
	for _, value := range l.Values {
		if value <= last {
			return fmt.Errorf("canary: label %s: %q after %q: the values must ascend", l.Name, value, last)
		}
		last = value
		if err := checkWord("canary: label "+l.Name, value, MaxLabelLength); err != nil {
			return err
		}
	}
	return nil
}

// checkWord accepts what is safe in file names, URLs and metric labels.
func checkWord(name, word string, limit int) error {
	if word == "" || len(word) > limit {
		return fmt.Errorf("%s: must have 1 to %d characters, has %d", name, limit, len(word))
	}
	outside := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.", c)
	}
	if strings.ContainsFunc(word, outside) || word[0] == '.' {
		return fmt.Errorf("%s: consists of letters, digits, and - _ . inside, not %q", name, word)
	}
	return nil
}
