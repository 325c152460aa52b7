package automaton

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestQuick(t *testing.T) {
	for _, p := range []string{"", "abc", "^abc$", "(?m)^abc$", `\bfoo\b`, `\Bx\B`, `(?i)straße|K`, `[^a]$`, `.`, `^.$`, `(?s)^.$`, `\pL+\d`, `^\x{fffd}$`, `$^`, `a$b`, `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`, `^[^@ ]+@[a-z0-9.-]+\.(com|org|net)$`, `(?i)^\p{Lu}`, `[[:^ascii:]]`, `[^\x00-\x{10FFFF}]`,
		`(?i)(iphone|ipad|android).*(safari|chrome)/[0-9]+\.[0-9]+`, `(a|b)*a(a|b){20}`, `(a|b)*a(a|b){8}`, strings.Repeat(`\pL`, 341), `(?:` + strings.Repeat("a", 1000) + `){1000}`, `(?:\pL{30}){30}`, `.{200}x`, `^.{1,300}$`, `^\w{1,900}$`, `(?i)\pL{9}`, `x.*y.*z.*[ab]{3}`, `(.*.*.*.*.*)*x`, `(x+x+)+y`, `.{1,100}.{1,100}x`} {
		t0 := time.Now()
		a, err := Compile(p)
		d := time.Since(t0)
		if len(p) > 60 {
			p = p[:60]
		}
		if err != nil {
			t.Logf("%q: %v %v", p, d, err)
			continue
		}
		t.Logf("%q: %v states %d width %d", p, d, a.States(), a.Width)
		re := regexp.MustCompile(p)
		for _, s := range []string{"", "abc", "xabc", "x\nabc\ny", "foo", "a foo b", "afoo", "xxx", "STRASSE", "straße", "STRAẞE", "\u212a", "a", "b", "\n", "\xff", "\xe2\x82", "\xe2\x82\xac", "é", "\xed\xa0\x80", "é5", "\ufffd", "joe@x.com"} {
			if g, w := a.MatchString(s), re.MatchString(s); g != w {
				t.Errorf("%q on %q: %v, want %v", p, s, g, w)
			}
		}
	}
}
