package assign_test

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// parting says which part each slot belongs to.
type parting [assign.Slots]uint8

func equalParts(n int) *parting {
	var p parting
	for slot := range p {
		p[slot] = uint8(slot * n / len(p))
	}
	return &p
}

// firstSlots parts the first n slots, as part 1, from the others.
func firstSlots(n int) *parting {
	var p parting
	for slot := range n {
		p[slot] = 1
	}
	return &p
}

var quarters, tenths = equalParts(4), equalParts(10)

// division is a division of the units into parts, each the set of its units: 64 to a word.
type division [][]uint64

func divide(hashes []uint64, slot func(uint64) int, p *parting) division {
	d := make(division, slices.Max(p[:])+1)
	for part := range d {
		d[part] = make([]uint64, (len(hashes)+63)/64)
	}
	for i, h := range hashes {
		d[p[slot(h)]][i/64] |= 1 << (i % 64)
	}
	return d
}

// cross counts the units in each part of one division and each of another.
func (d division) cross(other division) [][]int {
	table := make([][]int, len(d))
	for i, a := range d {
		table[i] = make([]int, len(other))
		for j, b := range other {
			n := 0
			for k, word := range a {
				n += bits.OnesCount64(word & b[k])
			}
			table[i][j] = n
		}
	}
	return table
}

// check is a chi-square test.
type check struct {
	kind, where  string
	chi2, df     float64
	below, above float64 // the probability of a smaller and of a larger chi-square
	cramersV     float64 // of a test of independence
}

func newCheck(kind, where string, chi2, df float64) check {
	distribution := distuv.ChiSquared{K: df}
	return check{kind: kind, where: where, chi2: chi2, df: df, below: distribution.CDF(chi2), above: distribution.Survival(chi2)}
}

// tail is the probability of what is at least as unlikely, on the same side.
func (c check) tail() float64 { return min(c.below, c.above) }

func (c check) String() string {
	return fmt.Sprintf("%s (%s): chi-square %.1f with %.0f degrees of freedom, p = %.2g, Cramér's V %.4f",
		c.kind, c.where, c.chi2, c.df, c.tail(), c.cramersV)
}

// alarms are the checks that fail, the least likely first.
func alarms(checks []check) []check {
	limit := falseAlarms / float64(2*len(checks))
	failed := slices.DeleteFunc(slices.Clone(checks), func(c check) bool { return c.tail() >= limit })
	slices.SortStableFunc(failed, func(a, b check) int { return cmp.Compare(a.tail(), b.tail()) })
	return failed
}

// uniform tests that all counts come from equal probabilities.
func uniform(kind, where string, counts []int) check {
	n := 0
	for _, c := range counts {
		n += c
	}
	expected := float64(n) / float64(len(counts))
	chi2 := 0.0
	for _, c := range counts {
		chi2 += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	return newCheck(kind, where, chi2, float64(len(counts)-1))
}

// independent tests that the row of a unit in the table says nothing about its column.
func independent(kind, where string, table [][]int) check {
	rows, columns := make([]float64, len(table)), make([]float64, len(table[0]))
	n := 0.0
	for i, row := range table {
		for j, c := range row {
			rows[i] += float64(c)
			columns[j] += float64(c)
			n += float64(c)
		}
	}
	chi2 := 0.0
	for i, row := range table {
		for j, c := range row {
			expected := rows[i] * columns[j] / n
			chi2 += (float64(c) - expected) * (float64(c) - expected) / expected
		}
	}
	freedom := min(len(rows), len(columns)) - 1
	check := newCheck(kind, where, chi2, float64((len(rows)-1)*(len(columns)-1)))
	check.cramersV = math.Sqrt(chi2 / (n * float64(freedom)))
	return check
}
