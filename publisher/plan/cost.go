package plan

import (
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// Costs is what the payload costs hosts, before and after.
type Costs struct {
	Before *Cost `json:"before"` // null if nothing is live
	After  *Cost `json:"after"`

	// Applications has the costs after of each application's own payload. It is empty if
	// the directory declares no applications.
	Applications []ApplicationCost `json:"applications,omitempty"`
}

// Cost is what one payload costs.
type Cost struct {
	Raw   int64  `json:"raw_bytes"`   // in a host's memory, once for each instance of the core
	Gzip  int64  `json:"gzip_bytes"`  // to download
	Zstd  int64  `json:"zstd_bytes"`  // to download by hosts in Go
	Delta *int64 `json:"delta_bytes"` // to download by hosts that have the live payload; null if there is no delta

	Work payload.Work `json:"work"` // the most that one request can cost

	// ColdStart is the time to load the payload and to check its vectors. It is measured
	// once, on this machine, with the native core.
	ColdStart time.Duration `json:"cold_start_ns"`
}

// MeasureCosts loads the payloads of live, which is nil if nothing is live, and of next. It packs
// them where the states do not say how they are packed.
func MeasureCosts(live *State, next State) (Costs, error) {
	var c Costs
	var err error
	var before *payload.Reader
	if live != nil {
		before = live.Payload
		if c.Before, err = costOf(live, nil); err != nil {
			return Costs{}, err
		}
	}
	if c.After, err = costOf(&next, before); err != nil {
		return Costs{}, err
	}
	c.Applications, err = applicationCosts(next.Payload)
	return c, err
}

func costOf(s *State, before *payload.Reader) (*Cost, error) {
	packed, err := s.packed(before)
	if err != nil {
		return nil, err
	}
	c := &Cost{Raw: packed.Raw.Size, Gzip: packed.Gzip.Size, Zstd: packed.Zstd.Size}
	if len(packed.Deltas) > 0 && before != nil {
		c.Delta = &packed.Deltas[0].Packed.Size
	}
	if c.Work, err = s.Payload.Work(); err != nil {
		return nil, err
	}
	c.ColdStart, err = coldStart(s.Payload.Raw())
	return c, err
}

// packed describes the payload of a state, packed with a delta from the one before, which may be
// nil.
func (s *State) packed(before *payload.Reader) (bundle.Payload, error) {
	if s.Packed != nil && before == nil {
		return *s.Packed, nil
	}
	packing := s.Packing
	if packing == nil {
		packing = bundle.NewPacking(s.Payload.Raw())
	}
	var earlier [][]byte
	if before != nil {
		earlier = append(earlier, before.Raw())
	}
	packed, _, err := packing.Pack(earlier)
	return packed, err
}
