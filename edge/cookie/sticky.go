package cookie

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/abi"
)

const stickyPurpose = "sortition sticky v1"

// Limits of the sticky cookie.
const (
	MaxSticky     = 32    // entries
	MaxStickySize = 3_072 // bytes of the value: browsers keep 4,096 with name and attributes
)

// Sticky keeps the variants of sticky experiments in a cookie. It is safe for concurrent use.
type Sticky struct {
	Sealer *Sealer
	Domain string // as [Identity].Domain

	tampered atomic.Uint64
}

// Tampered returns the number of cookies that did not open.
func (s *Sticky) Tampered() uint64 { return s.tampered.Load() }

// entry is a variant that is kept.
type entry struct {
	Experiment string
	Phase      int
	Variant    string
}

// MarshalJSON writes the entry as an array.
func (e entry) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{e.Experiment, e.Phase, e.Variant})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (e *entry) UnmarshalJSON(data []byte) error {
	parts := []any{&e.Experiment, &e.Phase, &e.Variant}
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) != 3 {
		return fmt.Errorf("a sticky entry has %d parts, not 3", len(parts))
	}
	return nil
}

// Kept holds the variants that are kept for one visitor. It is not safe for concurrent use.
type Kept struct {
	entries []entry // oldest first
	changed bool
}

// Read returns the variants in the cookie of a request.
func (s *Sticky) Read(r *http.Request) *Kept {
	stored, err := r.Cookie(StickyName)
	if err != nil {
		return &Kept{}
	}
	entries, ok := s.open(stored.Value)
	if !ok {
		s.tampered.Add(1)
	}
	return &Kept{entries: entries}
}

func (s *Sticky) open(value string) ([]entry, bool) {
	if len(value) > MaxStickySize {
		return nil, false
	}
	text, ok := s.Sealer.Open(stickyPurpose, value)
	if !ok {
		return nil, false
	}
	var entries []entry
	data, err := encoding.DecodeString(text)
	if err != nil || json.Unmarshal(data, &entries) != nil {
		return nil, false
	}
	return entries, true
}

// Apply returns the decision to use. If a variant is kept for the experiment and phase of d, that
// is d with the kept variant. Otherwise it is d, and Apply keeps the variant of d if the experiment
// is sticky.
func (k *Kept) Apply(d host.Decision) host.Decision {
	if !d.Sticky() || d.Kind() != model.KindExperiment || !yields(d.Reason()) {
		return d
	}
	for _, e := range k.entries {
		if e.Experiment != d.Experiment() || e.Phase != d.Phase() {
			continue
		}
		if e.Variant == d.Variant() {
			return d
		}
		if kept, ok := d.WithVariant(e.Variant, abi.ReasonSticky); ok {
			return kept
		}
	}
	if d.Assigned() {
		k.entries = slices.DeleteFunc(k.entries, func(e entry) bool { return e.Experiment == d.Experiment() })
		k.entries = append(k.entries, entry{d.Experiment(), d.Phase(), d.Variant()})
		k.changed = true
	}
	return d
}

// yields reports whether a kept variant takes precedence over a decision with this reason: the
// visitor has left the audience, is no longer in the traffic, or has another id than before.
func yields(r abi.Reason) bool {
	return r == abi.ReasonAudience || r == abi.ReasonTraffic || r == abi.ReasonSplit
}

// Write returns the cookie with the kept variants, or nil if the browser has the same already.
func (s *Sticky) Write(k *Kept, secure bool) *http.Cookie {
	if !k.changed {
		return nil
	}
	return newCookie(StickyName, s.seal(k.entries), s.Domain, secure)
}

// seal returns the value of the cookie. It leaves out the oldest entries until the others fit.
func (s *Sticky) seal(entries []entry) string {
	entries = entries[max(0, len(entries)-MaxSticky):]
	for {
		data, err := json.Marshal(entries)
		if err != nil {
			return "" // strings and numbers cannot fail
		}
		sealed := s.Sealer.Seal(stickyPurpose, encoding.EncodeToString(data))
		if len(sealed) <= MaxStickySize || len(entries) == 0 {
			return sealed
		}
		entries = entries[1:]
	}
}
