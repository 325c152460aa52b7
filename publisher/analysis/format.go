package analysis

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Layouts of times in text, UTC.
const (
	dateLayout = "2006-01-02"
	timeLayout = "2006-01-02 15:04"
)

// notKnown stands for a quantity that the data does not determine.
const notKnown = "–"

// count is n with its thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// percent is a share with two decimals, or as many as a small share needs.
func percent(share float64) string {
	x := 100 * share
	decimals := 2
	if a := math.Abs(x); a > 0 && a < 0.1 {
		decimals = 4
	}
	return trimZeros(strconv.FormatFloat(x, 'f', decimals, 64)) + " %"
}

// fixed is a share with exactly two decimals, to stand in a column.
func fixed(share float64) string {
	return strconv.FormatFloat(100*share, 'f', 2, 64) + " %"
}

// signed puts a plus or a true minus before a number formatted by its absolute value.
func signed(x float64, magnitude string) string {
	if strings.Trim(magnitude, "0.,") == "" {
		return magnitude
	}
	if x < 0 {
		return "−" + magnitude
	}
	return "+" + magnitude
}

// number is a mean with four or more significant digits.
func number(x float64) string {
	a := math.Abs(x)
	decimals := 2
	switch {
	case a >= 1e9:
		return strconv.FormatFloat(x, 'g', 6, 64)
	case a > 0 && a < 1e-4:
		return strconv.FormatFloat(x, 'g', 3, 64)
	case a < 10:
		decimals = 4
	case a < 100:
		decimals = 3
	}
	return strings.Replace(strconv.FormatFloat(x, 'f', decimals, 64), "-", "−", 1)
}

// difference is an absolute difference of a metric: percentage points of rates.
func difference(kind Kind, x float64) string {
	if kind == Conversion {
		return signed(x, strconv.FormatFloat(100*math.Abs(x), 'f', 2, 64)) + " pt"
	}
	return signed(x, number(math.Abs(x)))
}

// relative is a relative difference.
func relative(x float64) string {
	return signed(x, strconv.FormatFloat(100*math.Abs(x), 'f', 1, 64)) + " %"
}

// smallestP is the p-value below which only the bound is told.
const smallestP = 0.0001

// probability is "p = 0.0123" or "p < 0.0001".
func probability(name string, p float64) string {
	if p < smallestP {
		return fmt.Sprintf("%s < %s", name, strconv.FormatFloat(smallestP, 'f', -1, 64))
	}
	return fmt.Sprintf("%s = %s", name, pValue(p))
}

// pValue is a p-value in a column.
func pValue(p float64) string {
	if p < smallestP {
		return "<" + strconv.FormatFloat(smallestP, 'f', -1, 64)
	}
	return strconv.FormatFloat(p, 'f', 4, 64)
}

// pName is what the adjusted p-value of a metric is called.
func pName(m *Result, comparisons int) string {
	if m.Role == Primary && comparisons > 1 {
		return "Holm p"
	}
	return "p"
}

// plural is a number of things.
func plural(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return count(n) + " " + thing + "s"
}

func were(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// list joins words as in a sentence.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func trimZeros(decimal string) string {
	if !strings.Contains(decimal, ".") {
		return decimal
	}
	return strings.TrimSuffix(strings.TrimRight(decimal, "0"), ".")
}
