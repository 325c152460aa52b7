package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Percent is a share as a whole number of slots: 0 is nothing, [model.Slots] is 100 %. One slot
// is 0.01 %, so a percentage with two decimals is exact.
type Percent int

// Everything is 100 %.
const Everything Percent = model.Slots

const slotsPerPoint = model.Slots / 100

var (
	errPercentForm     = errors.New(`a percentage is a number with a percent sign`)
	errPercentDecimals = errors.New(`a percentage has at most two decimals`)
	errPercentRange    = errors.New(`a percentage is between 0% and 100%`)
)

// ParsePercent reads a percentage such as "50%" or "12.5%". It accepts digits, at most two
// decimals, and a percent sign that spaces may precede. The result is exact.
func ParsePercent(s string) (Percent, error) {
	digits, ok := strings.CutSuffix(s, "%")
	if !ok {
		return 0, errPercentForm
	}
	whole, decimals, point := strings.Cut(strings.TrimRight(digits, " "), ".")
	if !isDigits(whole) || point && !isDigits(decimals) {
		return 0, errPercentForm
	}
	if len(decimals) > 2 {
		return 0, errPercentDecimals
	}
	points, err := strconv.Atoi(whole)
	if err != nil || points > 100 {
		return 0, errPercentRange
	}
	hundredths, err := strconv.Atoi((decimals + "00")[:2])
	if err != nil {
		return 0, errPercentForm
	}
	if p := Percent(points*slotsPerPoint + hundredths); p <= Everything {
		return p, nil
	}
	return 0, errPercentRange
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Slots returns the number of slots, 0 … 10,000.
func (p Percent) Slots() int { return int(p) }

// String returns the shortest exact form, for example "12.5%".
func (p Percent) String() string {
	points, hundredths := int(p)/slotsPerPoint, int(p)%slotsPerPoint
	if hundredths == 0 {
		return fmt.Sprintf("%d%%", points)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%02d", points, hundredths), "0") + "%"
}

// MarshalText returns the same text as [Percent.String].
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what [ParsePercent] reads.
func (p *Percent) UnmarshalText(text []byte) error {
	var err error
	*p, err = ParsePercent(string(text))
	return err
}
