package config

import (
	"strings"
	"testing"
	"time"
)

func TestParsePeriod(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "0d": 0, "14d": 14 * 24 * time.Hour, "36h": 36 * time.Hour, "90m": 90 * time.Minute, "007d": 7 * 24 * time.Hour,
		"3660d": time.Duration(MaxPeriod),
	} {
		if got, err := ParsePeriod(text); err != nil || time.Duration(got) != want {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "whole number", "14": "whole number", "d": "whole number", "1.5d": "whole number", "-1d": "whole number",
		"1w": "whole number", "2d12h": "whole number", " 1d": "whole number",
		"3661d": "at most 3660d", "99999999999999999999d": "at most 3660d",
	} {
		if got, err := ParsePeriod(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
}

func TestPeriodsAsText(t *testing.T) {
	for _, text := range []string{"0", "14d", "36h", "90m"} {
		p, err := ParsePeriod(text)
		if err != nil || p.String() != text {
			t.Errorf("%q is %s, %v", text, p, err)
		}
	}
}
