package automaton

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func compile(t testing.TB, pattern string) *Automaton {
	t.Helper()
	a, err := Compile(pattern)
	if err != nil {
		t.Fatalf("%q: %v", pattern, err)
	}
	return a
}

var patterns = []string{
	// Literals, and where in the text.
	``, `abc`, `^abc`, `abc$`, `^abc$`, `\Aabc\z`, `a|b`, `^(?:a|b)$`, `aba`, `aab`, `^$`, `$^`, `a^b`, `a$b`, `^^a$$`, `()`, `(a)(b)`,
	// Repetitions, of which laziness makes no difference to whether there is a match.
	`a*`, `^a*$`, `^a+$`, `^a?$`, `^a{2}$`, `^a{2,}$`, `^a{2,3}$`, `^a{0}$`, `^(?:ab)+?$`, `(?U)^a+$`, `(a*)*b`, `(a|b)*a(a|b){3}$`,
	// Lines.
	`(?m)^abc`, `(?m)abc$`, `(?m)^abc$`, `(?m)^$`, `(?m)^a$\n^b$`, `(?m)\Aabc`, `(?m)abc\z`, `(?m)$^`, `(?m)$.`, `(?ms)$.^`,
	// Boundaries of words, which are ASCII.
	`\b`, `\B`, `^\b`, `\b$`, `^\B`, `\B$`, `\babc\b`, `\Babc\B`, `\babc\B`, `abc\b.`, `(?s)abc\b.`, `\b\b`, `\b\B`, `\bé`, `é\B`, `(?m)\b$`, `(?m)^\B`, `(\b|x)abc`, `(?:\Ba)*`,
	// Case folding, also to runes of another length.
	`(?i)k`, `(?i)s`, `(?i)^kiss$`, `(?i)ß`, `(?i)[k-l]`, `(?i)^é$`, `a(?i)b(?-i)c`, `(?i)σ`,
	// Classes.
	`.`, `^.$`, `(?s)^.$`, `^..$`, `(?s)^...$`, `[abc]`, `[^abc]`, `^[^abc]$`, `\d`, `\D`, `^\w+$`, `\W`, `\s`, `\S`, `^[[:alpha:]]+$`, `[[:^ascii:]]`,
	`^\pL$`, `^\PL$`, `\p{Greek}`, `\P{Greek}`, `^\p{Lu}\p{Ll}$`, `(?i)^\p{Lu}$`, `[^\x00-\x{10FFFF}]`, `a[^\x00-\x{10FFFF}]|b`, `\pN`, `[\x{80}-\x{7ff}]`, `^[\x{800}-\x{ffff}]$`, `^[\x{10000}-\x{10ffff}]$`,
	// Runes that stand for malformed bytes, and runes that no text has.
	`\x{fffd}`, `^\x{fffd}$`, `^\x{fffd}{2}$`, `^\x{fffd}{3}$`, `[^\x{fffd}]`, `^[^\x{fffd}]$`, `a\x{fffd}b`, `\x{d800}`, `^[\x{d000}-\x{e000}]$`, `\x{fffd}\b`, `\x{10ffff}`, `^[\x{fffc}-\x{fffe}]$`, `€`, `^\x{fffd}é$`,
	// What audiences may say.
	`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`, `^[^@\s]+@[a-z0-9.-]+\.(?:com|org|net)$`, `(?i)(iphone|ipad|android).*(safari|chrome)/[0-9]+\.[0-9]+`, `^/shop/[a-z-]+/(?:[0-9]+)?$`, `\Qa.b\E`, `(?i)bot\b|crawler|spider`,
}

var texts = []string{
	"", "a", "b", "c", "ab", "abc", "xabc", "abcx", "xabcx", "x abc y", "x\nabc\ny", "abc\n", "\nabc", "\n", "\n\n", "a\nb", "a\n", "\nb", "aa", "aaa", "aaaa", "abab", "aab", "abb", "baab", "ABC", "aBc", "abC",
	"é", "É", "éa", "aé", "abcé", "éabc", "abc_", "_abc", "abc-", " ", "\t", "5", "٥", "A5", "_", "K", "k", "K", "s", "S", "ſ", "kiſſ", "KISS", "ß", "ẞ", "σ", "ς", "Σ", "αβγ", "Éé", "Aa", "漢字", "€", "😀", "a😀b", "\u0080", "\u07ff", "\u0800", "\uffff", "\U00010000", "\U0010ffff",
	"\ufffd", "\ufffd\ufffd", "\ufffe", "\ufffc", "\ufeff", "\xff", "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3a", "\xc3\xff", "\xe2", "\xe2\x82", "\xe2\x82\xac\xe2", "\xe2\x82a", "\xe2\x82\xc3\xa9", "\xe2\x82\n", "a\xffb", "a\xe2\x82b", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xed\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xee\x80\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf0\x9fa", "\xf0\x9f\x98\xe2\x82\xac", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "abc\xff", "\xffabc", "abc\xe2\x82", "\x00", "a\x00b",
	"0123abcd-0000-4000-8000-0123456789ab", "0123abcd-0000-4000-8000-0123456789aG", "joe@example.com", "joe@example.de", "joe @example.com", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Safari/604.1", "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0", "/shop/red-shoes/12", "/shop/red-shoes/", "/shop//", "a.b", "Googlebot/2.1", "robots", "a spider",
}

func TestMatchesAsRegexpDoes(t *testing.T) {
	for _, pattern := range patterns {
		a, re := compile(t, pattern), regexp.MustCompile(pattern)
		for _, text := range texts {
			if got, want := a.MatchString(text), re.MatchString(text); got != want {
				t.Errorf("%q in %q: %v, want %v", pattern, text, got, want)
			}
		}
	}
}

// Each byte class and state is what the package promises: nothing about the tables may
// depend on where they are built, since they are part of signed payloads.
func TestTables(t *testing.T) {
	other, a, b := uint8(0), uint8(1), uint8(2)
	for _, test := range []struct {
		pattern string
		bytes   map[byte]uint8
		want    Automaton
	}{
		{`^ab`, map[byte]uint8{'a': a, 'b': b, 'c': other, 0xff: other}, Automaton{Width: 4, Next: []uint16{
			Dead, Dead, Dead, Dead,
			Matched, Matched, Matched, Matched,
			Dead, 3, Dead, Dead,
			Dead, Dead, Matched, Dead,
		}}},
		{`a$`, map[byte]uint8{'a': a, 'b': other, 0xff: other}, Automaton{Width: 3, Next: []uint16{
			Dead, Dead, Dead,
			Matched, Matched, Matched,
			Start, 3, Dead,
			Start, 3, Matched,
		}}},
		{``, map[byte]uint8{'a': other}, Automaton{Width: 2, Next: []uint16{
			Dead, Dead, Matched, Matched, Matched, Matched,
		}}},
		{`a$b`, map[byte]uint8{'a': other}, Automaton{Width: 2, Next: []uint16{
			Dead, Dead, Matched, Matched, Dead, Dead,
		}}},
	} {
		got := compile(t, test.pattern)
		if got.Width != test.want.Width || !reflect.DeepEqual(got.Next, test.want.Next) {
			t.Errorf("%q: width %d, next %v", test.pattern, got.Width, got.Next)
		}
		for b, class := range test.bytes {
			if got.Classes[b] != class {
				t.Errorf("%q: the class of %#x is %d, want %d", test.pattern, b, got.Classes[b], class)
			}
		}
	}
}

func TestTablesAreSmall(t *testing.T) {
	for _, test := range []struct {
		pattern               string
		maxStates, maxClasses int
	}{
		{`(?i)googlebot|bingbot|yandexbot|duckduckbot|baiduspider`, 60, 30},
		{`^[^@\s]+@[a-z0-9.-]+\.(?:com|org|net)$`, 16, 16},
		{`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`, 40, 3},
		{`^\w{1,900}$`, 905, 2},
		{`(.*.*.*.*.*)*x`, 3, 2},
		{`(?:x+x+)+y`, 5, 3},
		{`(?s).*`, 3, 1},
	} {
		a := compile(t, test.pattern)
		if a.States() > test.maxStates || a.Width-1 > test.maxClasses {
			t.Errorf("%q: %d states, %d classes", test.pattern, a.States(), a.Width-1)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, test := range []struct{ pattern, want string }{
		{`(?=a)b`, `"(?=" looks ahead or behind, which RE2 does not support`},
		{`a(?!b)`, `"(?!" looks ahead or behind, which RE2 does not support`},
		{`(?<=a)b`, `"(?<=" looks ahead or behind, which RE2 does not support`},
		{`(?<!a)b`, `"(?<!" looks ahead or behind, which RE2 does not support`},
		{`(a)\1`, `"\\1" is a backreference, which RE2 does not support`},
		{`(?P=name)`, `invalid or unsupported Perl syntax: "(?P"`},
		{`(?>a)`, `invalid or unsupported Perl syntax: "(?>"`},
		{`a++`, `invalid nested repetition operator: "++"`},
		{`a\Z`, `invalid escape sequence: "\\Z"`},
		{`\u0041`, `invalid escape sequence: "\\u"`},
		{`\p{Klingon}`, `"\\p{Klingon}" is not a character class of RE2`},
		{`[[:vowel:]]`, `"[:vowel:]" is not a character class of RE2`},
		{`[z-a]`, `invalid character class range: "z-a"`},
		{`(a`, `missing closing ): "(a"`},
		{`a)`, `unexpected ): "a)"`},
		{`[a`, `missing closing ]: "[a"`},
		{`*a`, `missing argument to repetition operator: "*"`},
		{`a\`, `trailing backslash at end of expression`},
		{"a\xff", `invalid UTF-8: "\xff"`},
		{`a{1001}`, `"{1001}" repeats too often: the counts of nested repetitions multiply, to at most 1000`},
		{`(a{40}){40}`, `"{40}" repeats too often: the counts of nested repetitions multiply, to at most 1000`},

		{strings.Repeat("a", MaxPatternLength+1), `the pattern is 1025 bytes long; the limit is 1024`},
		{`(?:` + strings.Repeat("ab", 400) + `){1000}`, `the pattern compiles to 802000 instructions; the limit is 10000; shorten its counted repetitions`},
		{`^.{1,300}$`, `the pattern needs an automaton of 3302 states; the limit is 1000; shorten its counted repetitions, or use smaller character classes`},
		{`(a|b)*a(a|b){9}$`, `the pattern needs an automaton of 1026 states; the limit is 1000; shorten its counted repetitions, or use smaller character classes`},
		{`(a|b)*a(a|b){20}`, `the pattern takes more than 16000 states before they are reduced to at most 1000; shorten its counted repetitions, or anchor it with ^`},
		{`(a|b)*a(a|b){20}$`, `the pattern takes more than 16000 states before they are reduced to at most 1000; shorten its counted repetitions, or anchor it with ^`},
		{strings.Repeat(`\pL`, 341), `the pattern takes more than 16000 states before they are reduced to at most 1000; shorten its counted repetitions, or anchor it with ^`},
		{`(?:[a-z]{0,30}[^q-t]{0,30}){30}[a-z]{900}`, `the pattern takes more than 4194304 steps to turn into an automaton; shorten its counted repetitions, or anchor it with ^`},
	} {
		_, err := Compile(test.pattern)
		switch {
		case err == nil:
			t.Errorf("%.40q: not refused", test.pattern)
		case err.Error() != test.want:
			t.Errorf("%.40q: %v, want %s", test.pattern, err, test.want)
		}
	}
}

func TestLimitsAreInclusive(t *testing.T) {
	compile(t, "["+strings.Repeat("a", MaxPatternLength-2)+"]")
	// A literal takes a state for each of its prefixes, and Dead.
	if n := compile(t, strings.Repeat("a", MaxStates-2)).States(); n != MaxStates {
		t.Errorf("%d states", n)
	}
	if _, err := Compile(strings.Repeat("a", MaxStates-1)); err == nil {
		t.Error("one state too many is not refused")
	}
}
