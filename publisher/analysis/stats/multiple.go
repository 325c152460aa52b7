package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// ChiSquareFit returns the statistic and the p-value of Pearson's test that counts were drawn with
// the given weights. The weights need not add up to one. The test has one degree of freedom less
// than there are positive weights. If a count with weight zero is positive, p is 0. It is not ok
// unless at least two weights are positive and at least one of their counts is.
func ChiSquareFit(counts []int64, weights []float64) (statistic, p float64, ok bool) {
	var total, weight float64
	cells, impossible := 0, false
	for i, w := range weights {
		if w <= 0 {
			impossible = impossible || counts[i] > 0
			continue
		}
		cells++
		weight += w
		total += float64(counts[i])
	}
	if cells < 2 || total == 0 {
		return 0, 0, false
	}
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		expected := total * w / weight
		d := float64(counts[i]) - expected
		statistic += d * d / expected
	}
	if impossible {
		return statistic, 0, true
	}
	return statistic, distuv.ChiSquared{K: float64(cells - 1)}.Survival(statistic), true
}

// Holm adjusts p-values for multiple tests (Holm, Scandinavian Journal of Statistics 6:65, 1979).
// The chance of any false positive among them is at most the level that they are compared with.
// The result has the order of the argument.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := make([]float64, len(p))
	var running float64
	for rank, i := range order {
		running = math.Max(running, math.Min(1, p[i]*float64(len(p)-rank)))
		adjusted[i] = running
	}
	return adjusted
}
