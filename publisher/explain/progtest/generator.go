// Package progtest makes random programs and random requests for them, for tests that
// hold one evaluator against another. Everything follows from the random source: the
// same seed gives the same programs and requests.
//
// This package is internal to Sortition and may change without notice.
package progtest

import (
	"math/rand/v2"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
)

// Source is a source of randomness that is told which draws belong together, such as
// those of one experiment. A library for property tests can then leave out what a
// failure does not need. The smaller the numbers, the simpler what is made of them.
type Source interface {
	rand.Source
	Group(draws func())
}

// Program makes a valid program.
func Program(rng *rand.Rand) *model.Program { return newGenerator(rng).makeProgram() }

// ProgramFrom makes a valid program.
func ProgramFrom(s Source) *model.Program {
	g := newGenerator(rand.New(s))
	g.group = s.Group
	return g.makeProgram()
}

// Request makes a request for p: some units and attributes are missing, some values
// are strange, some have the wrong type.
func Request(rng *rand.Rand, p *model.Program) explain.Request {
	g := newGenerator(rng)
	g.program = p
	return g.request()
}

// RequestFrom makes a request for p, as Request does.
func RequestFrom(s Source, p *model.Program) explain.Request {
	g := newGenerator(rand.New(s))
	g.program, g.group = p, s.Group
	return g.request()
}

type generator struct {
	rng       *rand.Rand
	group     func(draws func())
	program   *model.Program
	audiences []*model.Expr // made so far, to be used again
	steps     int           // bytes that the tests of all audiences look at, at most
}

func newGenerator(rng *rand.Rand) *generator {
	return &generator{
		rng: rng, group: func(draws func()) { draws() },
		program: new(model.Program),
	}
}

func (g *generator) makeProgram() *model.Program {
	g.vocabulary()
	g.experiments()
	g.prerequisites()
	g.ledger()
	return g.program
}

// chance is true in percent of 100 calls, and never for the smallest number.
func (g *generator) chance(percent int) bool { return g.rng.IntN(100) >= 100-percent }

// list adds elements, each in a group of its own: at most so many, and after each
// another one in percent of 100 calls.
func (g *generator) list(most, percent int, add func()) {
	more := true
	for i := 0; i < most && more; i++ {
		g.group(func() {
			if more = g.chance(percent); more {
				add()
			}
		})
	}
}

// subset takes each of the numbers below n in percent of 100 calls.
func (g *generator) subset(n, percent int) []int {
	var list []int
	for i := range n {
		if g.chance(percent) {
			list = append(list, i)
		}
	}
	return list
}

func pick[T any](rng *rand.Rand, pool []T) T { return pool[rng.IntN(len(pool))] }
