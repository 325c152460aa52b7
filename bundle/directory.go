package bundle

import (
	"fmt"
	"hash/maphash"
	"unsafe"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Directory names the experiments, flags and variants of a payload, by their place in
// the program, which is that of the core's records. It is made of indexes into the
// payload's text, so that a garbage collector has no pointers to follow in it; the
// strings that it returns lie in the payload. It is safe for concurrent use.
type Directory struct {
	text  string
	units []string

	key      []part // by experiment: where its key lies in the text
	kind     []byte
	unit     []byte
	epoch    []uint32
	variants []part // by experiment: its variants

	variant []variantTexts

	seed  maphash.Seed
	index []uint32 // by hash of the key: 1 + experiment, or 0; open addressing
}

// variantTexts says where the texts of a variant lie.
type variantTexts struct{ key, name, config part }

// Directory reads the directory. Everything that it refers to is checked here.
func (p *Catalog) Directory() (*Directory, error) {
	c := p.reader()
	d := &Directory{
		text: unsafe.String(unsafe.SliceData(p.text), len(p.text)),
		key:  c.texts("experiment.key"), kind: c.u8("experiment.kind"), unit: c.u8("experiment.unit"),
		epoch: c.u32("experiment.epoch"),
	}
	for _, id := range c.u32("unit.name") {
		d.units = append(d.units, c.string(id))
	}
	keys, names, configs := c.texts("variant.key"), c.texts("variant.name"), c.texts("variant.config")
	if err := c.sameLength(len(d.key), len(d.kind), len(d.unit), len(d.epoch)); err != nil {
		return nil, err
	}
	if err := c.sameLength(len(keys), len(names), len(configs)); err != nil {
		return nil, err
	}
	d.variants = c.parts("experiment.variants.end", len(d.key), len(keys))
	d.variant = make([]variantTexts, len(keys))
	for i := range d.variant {
		d.variant[i] = variantTexts{keys[i], names[i], configs[i]}
	}
	for i, unit := range d.unit {
		if int(unit) >= len(d.units) && c.err == nil {
			c.err = fmt.Errorf("%w: experiment %d has no unit", ErrFormat, i)
		}
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
	for size < 2*len(d.key) {
		size *= 2
	}
	d.seed, d.index = maphash.MakeSeed(), make([]uint32, size)
	for i := range d.key {
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
func (d *Directory) Len() int { return len(d.key) }

// Key returns the key of an experiment or flag.
func (d *Directory) Key(i int) string { return d.at(d.key[i]) }

// Kind tells an experiment from a flag.
func (d *Directory) Kind(i int) model.Kind { return model.Kind(d.kind[i]) }

// Unit returns the unit type of an experiment or flag.
func (d *Directory) Unit(i int) string { return d.units[d.unit[i]] }

// Epoch returns the epoch of an experiment or flag.
func (d *Directory) Epoch(i int) int { return int(d.epoch[i]) }

// Variants returns the number of variants of an experiment or flag.
func (d *Directory) Variants(i int) int { return int(d.variants[i].to - d.variants[i].from) }

// Variant returns a variant of an experiment or flag.
func (d *Directory) Variant(i, variant int) model.Variant {
	t := &d.variant[int(d.variants[i].from)+variant]
	return model.Variant{Key: d.at(t.key), Name: d.at(t.name), Config: d.at(t.config)}
}

func (d *Directory) at(p part) string { return d.text[p.from:p.to] }
