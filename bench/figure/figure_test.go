package figure

import "testing"

func TestSignificant(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.0753: "0.0753", 1: "1.00", 12.34: "12.3", 439.4: "439", 1265: "1,265", 1234567: "1,234,567", -1234.5: "-1,234", -999: "-999",
	} {
		if got := Significant(x); got != want {
			t.Errorf("Significant(%v) is %q, not %q", x, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	if got := Thousands(100_000); got != "100,000" {
		t.Errorf("Thousands(100_000) is %q", got)
	}
}

func TestDuration(t *testing.T) {
	for ns, want := range map[float64]string{87.6: "87.6 ns", 1210: "1.21 µs", 38.8e6: "38.8 ms", 2.57e9: "2.57 s"} {
		if got := Duration(ns); got != want {
			t.Errorf("Duration(%v) is %q, not %q", ns, got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	if got := Median([]float64{5, 1, 3}); got != 3 {
		t.Errorf("the median is %v", got)
	}
}
