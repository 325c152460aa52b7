package exposure_test

import (
	"strconv"
	"testing"
)

func BenchmarkAdd(b *testing.B) {
	for _, kind := range []string{"duplicate", "new"} {
		b.Run(kind, func(b *testing.B) {
			q := newCollector(b).queue()
			defer q.Close(b.Context())
			e := exposureOf("u", "checkout")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if kind == "new" {
					e.UnitID = strconv.Itoa(i)
				}
				q.Add(e)
			}
		})
	}
}
