package progtest

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/request"
)

// knownIDs is the number of ids that override lists and segments draw from.
const knownIDs = 64

// knownID is an id that override lists and segments may hold.
func knownID(rng *rand.Rand) string {
	if rng.IntN(10) == 0 {
		return pick(rng, idPool)
	}
	return "known-" + strconv.Itoa(rng.IntN(knownIDs))
}

func (g *generator) request() explain.Request {
	rng, p := g.rng, g.program
	r := explain.Request{
		Units:      make(map[string]string, len(p.Units)),
		Attributes: make(map[string]any, len(p.Attributes)),
		Now:        pick(rng, timePool),
	}
	if g.chance(60) {
		r.Now = Noon.Add(time.Duration(rng.IntN(5)-2) * time.Millisecond)
	} else if g.chance(10) {
		r.Now = pick(rng, strangeNows)
	}
	for _, unit := range p.Units {
		switch n := rng.IntN(100); {
		case n < 40:
			r.Units[unit] = knownID(rng)
		case n < 95:
			r.Units[unit] = "u" + strconv.FormatUint(rng.Uint64(), 36)
		case n < 97:
			r.Units[unit] = ""
		}
	}
	for _, a := range p.Attributes {
		switch n := rng.IntN(100); {
		case n < 12:
			// missing
		case n < 27:
			r.Attributes[a.Name] = g.valueOfAnother(r, a)
		case n < 92:
			r.Attributes[a.Name] = g.value(a.Type)
		default:
			r.Attributes[a.Name] = g.value(model.String + model.Type(rng.IntN(int(model.StringList))))
		}
	}
	if g.chance(5) {
		r.Units["undeclared"] = "known-1"
		r.Attributes["undeclared"] = g.value(model.String)
	}
	return r
}

// valueOfAnother is what the request has for an attribute of the same type, so that
// comparisons of two attributes find them equal, or a new value if it has none.
func (g *generator) valueOfAnother(r explain.Request, a model.Attribute) any {
	for _, i := range g.ofType(a.Type) {
		if value, ok := r.Attributes[g.program.Attributes[i].Name]; ok {
			return value
		}
	}
	return g.value(a.Type)
}

// value makes a request's value for an attribute of type t.
func (g *generator) value(t model.Type) any {
	switch t {
	case model.String:
		s := pick(g.rng, stringPool)
		if g.chance(15) {
			s += pick(g.rng, stringPool)
		}
		return s
	case model.Number:
		return g.number()
	case model.Bool:
		return g.chance(50)
	case model.Version:
		if g.chance(25) {
			return pick(g.rng, invalidVersions)
		}
		return pick(g.rng, versionPool)
	case model.Time:
		return g.time()
	default:
		list := make([]string, g.rng.IntN(4))
		for i := range list {
			list[i] = pick(g.rng, stringPool)
		}
		return list
	}
}

// number is a number from the pool, one of its neighbours, or a strange one.
func (g *generator) number() any {
	if g.chance(20) {
		return pick(g.rng, strangeNumbers)
	}
	f := pick(g.rng, numberPool)
	switch g.rng.IntN(4) {
	case 0:
		f = math.Nextafter(f, math.Inf(1))
	case 1:
		f = math.Nextafter(f, math.Inf(-1))
	}
	return f
}

// time is a time from the pool or near it, in each of the forms that a time may have,
// or a strange one.
func (g *generator) time() any {
	if g.chance(30) {
		return pick(g.rng, strangeTimes)
	}
	t := pick(g.rng, timePool).Add(time.Duration(g.rng.IntN(3)-1) * time.Millisecond)
	switch g.rng.IntN(4) {
	case 0:
		return t
	case 1:
		return t.UnixMilli()
	case 2:
		return t.UTC().Format(time.RFC3339Nano)
	default:
		zone := time.FixedZone("", (g.rng.IntN(2*14*60)-14*60)*60)
		return t.In(zone).Format("2006-01-02T15:04:05.000Z07:00")
	}
}

// Fill resets dst and writes r to it, in the form that the core reads.
func Fill(dst *request.Request, r explain.Request) *request.Request {
	dst.Reset().Now(r.Now)
	for unit, id := range r.Units {
		dst.Unit(unit, id)
	}
	for name, value := range r.Attributes {
		dst.Value(name, value)
	}
	return dst
}

// Names are the numbers that the program's payload gives to its names.
func Names(p *model.Program) *request.Names {
	attributes := make([]string, len(p.Attributes))
	for i, a := range p.Attributes {
		attributes[i] = a.Name
	}
	return request.NewNames(p.Units, attributes, false)
}
