package payload

import (
	"fmt"
	"hash/maphash"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Directory names the experiments, flags and variants of a payload, by their place in
// the program, which is that of the core's records. The strings that it returns lie in the
// payload. It is safe for concurrent use.
type Directory struct {
	units       []string
	experiments []experimentEntry
	variants    []model.Variant

	seed  maphash.Seed
	index []uint32 // by hash of the key: 1 + experiment, or 0; open addressing
}

// experimentEntry is what a decision tells of its experiment, in one place of the memory.
type experimentEntry struct {
	key        string
	variants   part
	epoch      uint32
	kind, unit byte
}

// Directory reads the directory. Everything that it refers to is checked here.
func (p *Catalog) Directory() (*Directory, error) {
	c := p.reader()
	d := &Directory{}
	for _, id := range c.u32("unit.name") {
		d.units = append(d.units, c.string(id))
	}
	variants, names, configs := c.u32("variant.key"), c.u32("variant.name"), c.u32("variant.config")
	if err := c.sameLength(len(variants), len(names), len(configs)); err != nil {
		return nil, err
	}
	d.variants = make([]model.Variant, len(variants))
	for i := range d.variants {
		d.variants[i] = model.Variant{Key: c.string(variants[i]), Name: c.string(names[i]), Config: c.string(configs[i])}
	}
	keys, epochs := c.u32("experiment.key"), c.u32("experiment.epoch")
	kinds, units := c.u8("experiment.kind"), c.u8("experiment.unit")
	if err := c.sameLength(len(keys), len(epochs), len(kinds), len(units)); err != nil {
		return nil, err
	}
	variantsOf := c.parts("experiment.variants.end", len(keys), len(variants))
	d.experiments = make([]experimentEntry, len(keys))
	for i := range d.experiments {
		if int(units[i]) >= len(d.units) && c.err == nil {
			c.err = fmt.Errorf("%w: experiment %d has no unit", ErrFormat, i)
		}
		d.experiments[i] = experimentEntry{c.string(keys[i]), variantsOf[i], epochs[i], kinds[i], units[i]}
	}
	if c.err != nil {
		return nil, c.err
	}
	d.makeIndex()
	return d, nil
}

// makeIndex fills a table that is at most half full.
func (d *Directory) makeIndex() {
	size := 2
	for size < 2*len(d.experiments) {
		size *= 2
	}
	d.seed, d.index = maphash.MakeSeed(), make([]uint32, size)
	for i := range d.experiments {
		at := d.place(d.Key(i))
		for d.index[at] != 0 {
			at = (at + 1) % size
		}
		d.index[at] = uint32(i + 1)
	}
}

func (d *Directory) place(key string) int {
	return int(maphash.String(d.seed, key) & uint64(len(d.index)-1))
}

// Find returns the place of the experiment or flag of this key, and whether there is
// one.
func (d *Directory) Find(key string) (int, bool) {
	for at := d.place(key); ; at = (at + 1) % len(d.index) {
		switch i := int(d.index[at]) - 1; {
		case i < 0:
			return 0, false
		case d.Key(i) == key:
			return i, true
		}
	}
}

// Len returns the number of experiments and flags.
func (d *Directory) Len() int { return len(d.experiments) }

// Key returns the key of an experiment or flag.
func (d *Directory) Key(i int) string { return d.experiments[i].key }

// Kind tells an experiment from a flag.
func (d *Directory) Kind(i int) model.Kind { return model.Kind(d.experiments[i].kind) }

// Unit returns the unit type of an experiment or flag.
func (d *Directory) Unit(i int) string { return d.units[d.experiments[i].unit] }

// Epoch returns the epoch of an experiment or flag.
func (d *Directory) Epoch(i int) int { return int(d.experiments[i].epoch) }

// Variants returns the number of variants of an experiment or flag.
func (d *Directory) Variants(i int) int {
	v := d.experiments[i].variants
	return int(v.to - v.from)
}

// Variant returns a variant of an experiment or flag.
func (d *Directory) Variant(i, variant int) model.Variant {
	return d.variants[int(d.experiments[i].variants.from)+variant]
}
