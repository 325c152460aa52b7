package payload

import (
	"fmt"
	"hash/maphash"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Catalog has the names of the experiments, flags and variants of a payload. It finds them by
// their index in the program, which the core's records have. The strings that it returns refer
// to the payload's bytes. It is safe for concurrent use.
type Catalog struct {
	units       []string
	experiments []experimentEntry
	variants    []model.Variant

	seed  maphash.Seed
	index []uint32 // by hash of the key: 1 + experiment, or 0; open addressing
}

// experimentEntry is what a host reads for each decision, together in memory.
type experimentEntry struct {
	key        string
	variants   part
	phase      uint32
	kind, unit byte
}

// Catalog reads the catalog, and checks every index in it and the order of the keys.
func (r *Reader) Catalog() (*Catalog, error) {
	c := r.columnReader()
	catalog := &Catalog{}
	for _, id := range c.u32("unit.name") {
		catalog.units = append(catalog.units, c.string(id))
	}
	variants, names, configs := c.u32("variant.key"), c.u32("variant.name"), c.u32("variant.config")
	if err := c.sameLength(len(variants), len(names), len(configs)); err != nil {
		return nil, err
	}
	catalog.variants = make([]model.Variant, len(variants))
	for i := range catalog.variants {
		catalog.variants[i] = model.Variant{Key: c.string(variants[i]), Name: c.string(names[i]), Config: c.string(configs[i])}
	}
	keys, phases := c.u32("experiment.key"), c.u32("experiment.phase")
	kinds, units := c.u8("experiment.kind"), c.u8("experiment.unit")
	if err := c.sameLength(len(keys), len(phases), len(kinds), len(units)); err != nil {
		return nil, err
	}
	variantsOf := c.parts("experiment.variants.end", len(keys), len(variants))
	catalog.experiments = make([]experimentEntry, len(keys))
	for i := range catalog.experiments {
		if int(units[i]) >= len(catalog.units) && c.err == nil {
			c.err = fmt.Errorf("%w: experiment %d has an unknown unit type", ErrFormat, i)
		}
		catalog.experiments[i] = experimentEntry{c.string(keys[i]), variantsOf[i], phases[i], kinds[i], units[i]}
		if i > 0 && catalog.Key(i-1) >= catalog.Key(i) && c.err == nil {
			c.err = fmt.Errorf("%w: the keys of experiments must be in ascending order", ErrFormat)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	catalog.makeIndex()
	return catalog, nil
}

// makeIndex fills a table that is at most half full.
func (c *Catalog) makeIndex() {
	size := 2
	for size < 2*len(c.experiments) {
		size *= 2
	}
	c.seed, c.index = maphash.MakeSeed(), make([]uint32, size)
	for i := range c.experiments {
		at := c.place(c.Key(i))
		for c.index[at] != 0 {
			at = (at + 1) % size
		}
		c.index[at] = uint32(i + 1)
	}
}

func (c *Catalog) place(key string) int {
	return int(maphash.String(c.seed, key) & uint64(len(c.index)-1))
}

// Find returns the index of the experiment or flag with this key, and whether there is one.
func (c *Catalog) Find(key string) (int, bool) {
	for at := c.place(key); ; at = (at + 1) % len(c.index) {
		switch i := int(c.index[at]) - 1; {
		case i < 0:
			return 0, false
		case c.Key(i) == key:
			return i, true
		}
	}
}

// Len returns the number of experiments and flags.
func (c *Catalog) Len() int { return len(c.experiments) }

// Key returns the key of an experiment or flag.
func (c *Catalog) Key(i int) string { return c.experiments[i].key }

// Kind returns whether i is an experiment or a flag.
func (c *Catalog) Kind(i int) model.Kind { return model.Kind(c.experiments[i].kind) }

// Unit returns the unit type of an experiment or flag.
func (c *Catalog) Unit(i int) string { return c.units[c.experiments[i].unit] }

// Phase returns the phase of an experiment or flag.
func (c *Catalog) Phase(i int) int { return int(c.experiments[i].phase) }

// Variants returns the number of variants of an experiment or flag.
func (c *Catalog) Variants(i int) int {
	v := c.experiments[i].variants
	return int(v.to - v.from)
}

// Variant returns a variant of an experiment or flag.
func (c *Catalog) Variant(i, variant int) model.Variant {
	return c.variants[int(c.experiments[i].variants.from)+variant]
}
