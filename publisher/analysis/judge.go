package analysis

// Judge computes what a report has on the primary metric of a valid experiment: the check
// of the sample ratio, and the comparisons of the variants with the control. It takes one
// [Sums] for each variant, in declared order.
func Judge(x *Experiment, sums []Sums) (SampleRatio, []Comparison) {
	total := int64(0)
	for _, s := range sums {
		total += s.Units
	}
	at := func(variant int) *Sums { return &sums[variant] }
	_, ratio := sizes(x, total, at)
	return ratio, result(x, x.Primary, Primary, at).Comparisons
}
