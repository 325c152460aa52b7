package host

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/sortition-dev/sortition/wasm/abi"
)

// Decide decides one experiment or flag. Without an error, the decision has a reason, also if it
// has no variant. Decide does not allocate.
func (h *Host) Decide(r *Request, key string) (Decision, error) {
	s, at, err := h.take(r)
	if err != nil {
		return Decision{}, err
	}
	experiment, ok := s.Catalog.Find(key)
	if !ok {
		at.mu.Unlock()
		return Decision{}, ErrUnknownExperiment
	}
	record, err := s.one(at.instance, experiment)
	if err != nil {
		return Decision{}, s.fail(at, err)
	}
	at.mu.Unlock()
	return Decision{s, record}, nil
}

// DecideKeys decides the experiments and flags with the given keys, in their order. An unknown key
// gives the zero [Decision]. DecideKeys does not allocate if d has been used for as many keys.
// After an error d is empty.
func (h *Host) DecideKeys(r *Request, keys []string, d *Decisions) error {
	s, at, err := h.begin(r, d)
	if err != nil {
		return err
	}
	d.grow(len(keys))
	for _, key := range keys {
		record := unknownRecord
		if experiment, ok := s.Catalog.Find(key); ok {
			if record, err = s.one(at.instance, experiment); err != nil {
				return s.failAll(at, d, err)
			}
		}
		d.records = append(d.records, record)
	}
	at.mu.Unlock()
	return nil
}

// DecideRoute decides the experiments and flags that have a route for a path, with and without a
// variant, ordered by key. See package [github.com/sortition-dev/sortition/bundle/route] for the
// form of the path. After an error d is empty.
func (h *Host) DecideRoute(r *Request, path string, d *Decisions) error {
	s, at, err := h.begin(r, d)
	if err != nil {
		return err
	}
	for _, experiment := range s.Routes.Match(path, nil) {
		record, err := s.one(at.instance, experiment)
		if err != nil {
			return s.failAll(at, d, err)
		}
		d.records = append(d.records, record)
	}
	at.mu.Unlock()
	return nil
}

// DecideAll decides all experiments and flags. It gives the decisions that have a variant, ordered
// by key: those of every flag, and of each experiment that the unit takes part in. DecideAll does
// not allocate if d has been used for as many decisions. After an error d is empty.
func (h *Host) DecideAll(r *Request, d *Decisions) error {
	s, at, err := h.begin(r, d)
	if err != nil {
		return err
	}
	records, err := at.instance.all(context.Background())
	if err != nil {
		return s.failAll(at, d, err)
	}
	n := len(records) / abi.RecordSize
	d.grow(n)
	d.records = d.records[:n]
	if !read(d.records, records, s.variants) {
		return s.failAll(at, d, ErrCore)
	}
	at.mu.Unlock()
	return nil
}

// begin is take for a call that fills d.
func (h *Host) begin(r *Request, d *Decisions) (*snapshot, *place, error) {
	d.snapshot, d.records = nil, d.records[:0]
	s, at, err := h.take(r)
	d.snapshot = s
	return s, at, err
}

// take returns the active snapshot and a locked place of it whose instance has taken the request.
func (h *Host) take(r *Request) (*snapshot, *place, error) {
	for {
		s := h.current.Load()
		if s == nil {
			if h.closed.Load() {
				return nil, nil, ErrClosed
			}
			return nil, nil, ErrNotReady
		}
		at := s.acquire()
		if at == nil {
			if h.current.Load() == s {
				return nil, nil, ErrCore // no failed instance could be replaced
			}
			continue // another snapshot became active
		}
		if err := at.instance.take(r, s.Names); err != nil {
			return nil, nil, s.fail(at, err)
		}
		return s, at, nil
	}
}

// one decides an experiment for the request that an instance has taken.
func (s *snapshot) one(in instance, experiment int) (abi.Record, error) {
	record, err := in.one(context.Background(), uint32(experiment))
	if err == nil && !valid(record, s.variants) {
		err = ErrCore
	}
	return record, err
}

// read reads as many records as there is room for, and reports whether all are valid.
func read(to []abi.Record, from []byte, variants []uint16) bool {
	for i := range to {
		r := abi.Record(binary.LittleEndian.Uint64(from))
		if !valid(r, variants) {
			return false
		}
		to[i], from = r, from[abi.RecordSize:]
	}
	return true
}

// valid reports whether a record has an experiment, and one of its variants or none.
func valid(r abi.Record, variants []uint16) bool {
	i, variant := r.Experiment(), r.Variant()
	return int(i) < len(variants) && (variant < variants[i] || variant == abi.NoVariant)
}

// fail unlocks a place after an error, which it returns. It replaces an instance that failed.
func (s *snapshot) fail(at *place, err error) error {
	if errors.Is(err, ErrCore) {
		err = errors.Join(err, s.replace(context.Background(), at))
	}
	at.mu.Unlock()
	return err
}

// failAll is fail for a call that fills d.
func (s *snapshot) failAll(at *place, d *Decisions, err error) error {
	d.snapshot, d.records = nil, d.records[:0]
	return s.fail(at, err)
}
