package analysis

// Sums are what one variant's units came to: the sufficient statistics of a metric.
type Sums struct {
	Units          int64
	Conversions    int64   // of a conversion
	Mean, Variance float64 // of a mean, over the units
}

// Judge says of the primary metric what a report says, one Sums for each variant of a
// valid x: whether the sample ratio is off, and how the variants compare with the control.
func Judge(x *Experiment, sums []Sums) (SampleRatio, []Comparison) {
	rows, total := make([]row, len(sums)), int64(0)
	for i, s := range sums {
		rows[i] = row{units: s.Units, conversions: s.Conversions, mean: s.Mean, variance: s.Variance}
		total += s.Units
	}
	at := func(variant int) *row { return &rows[variant] }
	_, ratio := sizes(x, total, at)
	return ratio, result(x, x.Primary, Primary, at).Comparisons
}
