package enginetest

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

// Story is an experiment, and a history with something of everything.
func Story() (*analysis.Experiment, *Log) {
	x := Checkout()
	x.End = Start.Add(14 * 24 * time.Hour)
	x.Variants = append(x.Variants, analysis.Variant{Key: "wizard", Name: "Three steps", Weight: 3000})
	x.Variants[0].Weight, x.Variants[1].Weight = 4000, 3000
	buys := map[string]int{"control": 10, "one_page": 7, "wizard": 10} // one in so many
	var l Log
	for i := range 5_000 {
		variant := "control"
		switch {
		case i%10 >= 7:
			variant = "wizard"
		case i%10 >= 4:
			variant = "one_page"
		}
		id := fmt.Sprint(i)
		at := time.Duration(i) * time.Minute
		l.Expose(x.Key, variant, id, at)
		if i%3 == 0 {
			l.Expose(x.Key, variant, id, at+time.Hour)
		}
		if (i/10)%buys[variant] == 0 {
			l.Outcome("purchase", id, at+time.Hour, fmt.Sprintf(`{"value": %d.5}`, 20+i%40))
		}
		if (i/10)%25 == 1 {
			l.Outcome("complaint", id, at+2*time.Hour, `{}`)
		}
	}
	l.Expose(x.Key, "one_page", "0", 3*time.Hour)                // a conflict
	l.Exposures = append(l.Exposures, l.Exposures[:9]...)        // duplicates
	l.Outcome("purchase", "7", 48*time.Hour, `{"value":"free"}`) // not a number
	return x, &l
}

// StorySummary is what an engine reads of the experiment of [Story].
func StorySummary() *analysis.Summary {
	return &analysis.Summary{
		FirstExposure: Start, LastExposure: Start.Add(84*time.Hour + 18*time.Minute),
		DuplicateExposures: 9, ConflictingUnits: 1,
		Sums: [][]analysis.Sums{
			{
				{Exposures: 2665, Units: 1999, Conversions: 199, Mean: 0.09954977488744372, Variance: 0.08968448188057991},
				{Exposures: 2665, Units: 1999, Conversions: 199, Mean: 3.1913456728364182, Variance: 102.23751765772782},
				{Exposures: 2665, Units: 1999, Conversions: 80, Mean: 0.0400200100050025, Variance: 0.038437637237036915},
			},
			{
				{Exposures: 2000, Units: 1500, Conversions: 216, Mean: 0.144, Variance: 0.12334623082054716},
				{Exposures: 2000, Units: 1500, Conversions: 216, Mean: 5.832, Variance: 220.42672715143397},
				{Exposures: 2000, Units: 1500, Conversions: 60, Mean: 0.04, Variance: 0.038425617078052046},
			},
			{
				{Exposures: 2000, Units: 1500, Conversions: 150, Mean: 0.1, Variance: 0.0900600400266844},
				{Exposures: 2000, Units: 1500, Conversions: 150, Mean: 3.85, Variance: 143.56487658438957, UnreadableOutcomes: 1},
				{Exposures: 2000, Units: 1500, Conversions: 60, Mean: 0.04, Variance: 0.038425617078052025},
			},
		},
	}
}
