package plan

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// Share is an exact share of the eligible units: so many of so many equally likely ways
// in which the draws of a unit can fall. With one slot and one variant slot there are 10⁸
// of them; there are more where a holdout changes, or a draw is made anew.
type Share struct {
	Units, Of *big.Int // 0 ≤ Units ≤ Of, Of > 0
}

// hundredths of a percent in a whole.
const hundredths = 10_000

// Zero reports whether the share is nothing at all.
func (s Share) Zero() bool { return s.Units.Sign() == 0 }

// Rat is the share as a number from 0 to 1.
func (s Share) Rat() *big.Rat { return new(big.Rat).SetFrac(s.Units, s.Of) }

// String is the share in percent with two decimals, rounded down: "15.00%". What is more
// than nothing and rounds to it is "<0.01%".
func (s Share) String() string {
	n := new(big.Int).Mul(s.Units, big.NewInt(hundredths))
	n.Quo(n, s.Of)
	if n.Sign() == 0 && !s.Zero() {
		return "<0.01%"
	}
	return fmt.Sprintf("%d.%02d%%", n.Int64()/100, n.Int64()%100)
}

// MarshalJSON writes the exact integers, and the percentage for people.
func (s Share) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Units   *big.Int `json:"units"`
		Of      *big.Int `json:"of"`
		Percent string   `json:"percent"`
	}{s.Units, s.Of, s.String()})
}

// compare compares two shares.
func (s Share) compare(t Share) int { return s.Rat().Cmp(t.Rat()) }
