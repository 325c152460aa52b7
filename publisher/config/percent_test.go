package config

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
)

func TestParsePercent(t *testing.T) {
	for _, c := range []struct {
		text string
		want Percent
		err  error
	}{
		{"0%", 0, nil}, {"100%", 10_000, nil}, {"100.00%", 10_000, nil}, {"50 %", 5_000, nil},
		{"12.5%", 1_250, nil}, {"0.01%", 1, nil}, {"33.33%", 3_333, nil}, {"007.50%", 750, nil},

		{"", 0, errPercentForm}, {"%", 0, errPercentForm}, {"50", 0, errPercentForm}, {"50%%", 0, errPercentForm},
		{".5%", 0, errPercentForm}, {"5.%", 0, errPercentForm}, {"-5%", 0, errPercentForm}, {"+5%", 0, errPercentForm},
		{" 5%", 0, errPercentForm}, {"1e1%", 0, errPercentForm}, {"5.5.5%", 0, errPercentForm}, {"٥%", 0, errPercentForm},
		{"0.001%", 0, errPercentDecimals}, {"1.000%", 0, errPercentDecimals},
		{"101%", 0, errPercentRange}, {"100.01%", 0, errPercentRange}, {"99999999999999999999%", 0, errPercentRange},
	} {
		got, err := ParsePercent(c.text)
		if got != c.want || err != c.err {
			t.Errorf("%q: %d, %v; want %d, %v", c.text, got, err, c.want, c.err)
		}
	}
}

func TestPercentReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Percent(rapid.IntRange(0, model.Slots).Draw(t, "slots"))
		if got, err := ParsePercent(p.String()); got != p || err != nil {
			t.Fatalf("%s: %d, %v; want %d", p, got, err, p)
		}
	})
}
