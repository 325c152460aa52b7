package sink

import (
	"hash/maphash"
)

// Tally counts the events of a segment.
type Tally struct {
	Exposures, Outcomes                   int
	DuplicateExposures, DuplicateOutcomes int // events that Distinct left out
}

// Distinct removes repetitions of events, which clients may send twice, from the batches of a
// segment. Readers ignore repetitions in other segments. It is not safe for concurrent use.
//
// It remembers exposures as bits, 64 consecutive numbers of a host in a word, and outcomes by 128
// bits of two keyed hashes of their ids, which nobody can make collide.
type Distinct struct {
	tally     Tally
	hosts     map[host]uint32 // numbers them
	exposures map[block]uint64
	outcomes  map[[2]uint64]struct{}
	seeds     [2]maphash.Seed
}

// host is a process that sends exposures.
type host struct{ source, boot string }

// block is 64 consecutive sequence numbers of a host.
type block struct {
	host  uint32
	index uint64
}

// NewDistinct returns a Distinct without events.
func NewDistinct() *Distinct {
	return &Distinct{
		hosts: make(map[host]uint32), exposures: make(map[block]uint64), outcomes: make(map[[2]uint64]struct{}),
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
	}
}

// Reset forgets all events. It keeps its memory.
func (d *Distinct) Reset() {
	d.tally = Tally{}
	clear(d.hosts)
	clear(d.exposures)
	clear(d.outcomes)
}

// Tally returns the counts since the last Reset.
func (d *Distinct) Tally() Tally { return d.tally }

// Keep removes the events from b that a batch had before, and adds the others.
func (d *Distinct) Keep(b *Batch) {
	if len(b.Exposures) > 0 {
		d.keepExposures(b)
	}
	kept := b.Outcomes[:0]
	for i := range b.Outcomes {
		o := &b.Outcomes[i]
		key := [2]uint64{maphash.String(d.seeds[0], o.ID), maphash.String(d.seeds[1], o.ID)}
		if _, seen := d.outcomes[key]; seen {
			d.tally.DuplicateOutcomes++
			continue
		}
		d.outcomes[key] = struct{}{}
		kept = append(kept, *o)
	}
	d.tally.Outcomes += len(kept)
	b.Outcomes = kept
}

func (d *Distinct) keepExposures(b *Batch) {
	from := host{b.Source, b.Boot}
	number, ok := d.hosts[from]
	if !ok {
		number = uint32(len(d.hosts))
		d.hosts[from] = number
	}
	kept := b.Exposures[:0]
	var at block // whose word is changed
	var word uint64
	for i := range b.Exposures {
		x := &b.Exposures[i]
		if in := (block{number, x.Seq / 64}); i == 0 || in != at {
			if i > 0 {
				d.exposures[at] = word
			}
			at, word = in, d.exposures[in]
		}
		bit := uint64(1) << (x.Seq % 64)
		if word&bit != 0 {
			d.tally.DuplicateExposures++
			continue
		}
		word |= bit
		kept = append(kept, *x)
	}
	d.exposures[at] = word
	d.tally.Exposures += len(kept)
	b.Exposures = kept
}
