package analysis

// Judge says of the primary metric what a report says, one Sums for each variant of a
// valid x: whether the sample ratio is off, and how the variants compare with the control.
func Judge(x *Experiment, sums []Sums) (SampleRatio, []Comparison) {
	total := int64(0)
	for _, s := range sums {
		total += s.Units
	}
	at := func(variant int) *Sums { return &sums[variant] }
	_, ratio := sizes(x, total, at)
	return ratio, result(x, x.Primary, Primary, at).Comparisons
}
