package automaton

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces are what random texts are made of: runes that the random patterns name or nearly
// name, and bytes that belong to no rune.
var pieces = []string{
	"a", "b", "c", "A", "k", "K", "\u212a", "s", "ſ", "_", "0", "7", " ", "\n", "-", "é", "É", "β", "ß", "€", "漢", "😀", "\U0010ffff", "\ufffd",
	"\xff", "\x80", "\xa9", "\xc3", "\xe2", "\xe2\x82", "\xf0\x9f", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xe0\x9f\xbf",
}

var atoms = []string{
	"a", "b", "c", "k", "s", "é", "β", "€", "漢", "😀", " ", "0", "_", `\n`, `\x{fffd}`, `\x{10ffff}`, `\x80`,
	".", ".", `\d`, `\D`, `\w`, `\W`, `\s`, `\S`, "[ab]", "[^ab]", "[a-k]", "[^a-é]", `[\d_]`, `[^\n]`, `[€-😀]`, `[^\x{fffd}]`, `[\x{d000}-\x{e000}]`,
	`\p{Greek}`, `\P{Greek}`, "[[:alpha:]]", "[[:^word:]]", `[^\x00-\x{10ffff}]`, "()",
}

var assertionAtoms = []string{"^", "$", `\b`, `\B`, `\A`, `\z`}

// patternOf generates patterns of at most the given depth.
func patternOf(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kinds := 3
		if depth > 0 {
			kinds = 10
		}
		sub := func(label string) string { return patternOf(depth-1).Draw(t, label) }
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		default:
			return rapid.SampledFrom(atoms).Draw(t, "atom")
		case 2:
			return rapid.SampledFrom(assertionAtoms).Draw(t, "assertion")
		case 3, 4, 5:
			return sub("left") + sub("right")
		case 6, 7:
			return "(?:" + sub("left") + "|" + sub("right") + ")"
		case 8:
			flags := rapid.SampledFrom([]string{"", "?i:", "?m:", "?s:", "?is:", "?im-s:", "?U:"}).Draw(t, "flags")
			return "(" + flags + sub("group") + ")"
		case 9:
			count := rapid.SampledFrom([]string{"*", "+", "?", "*?", "+?", "??", "{0}", "{2}", "{1,}", "{0,3}", "{2,3}?"}).Draw(t, "count")
			return "(?:" + sub("repeated") + ")" + count
		}
	})
}

var text = rapid.Custom(func(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 8).Draw(t, "pieces"), "")
})

// A run of the property has 100 checks, and so 240,000 comparisons.
func TestRandomPatternsMatchAsRegexpDoes(t *testing.T) {
	const patternsEach, textsEach = 40, 60
	var compared, matched, refused int
	rapid.Check(t, func(t *rapid.T) {
		for range patternsEach {
			pattern := patternOf(4).Draw(t, "pattern")
			re := regexp.MustCompile(pattern)
			a, err := Compile(pattern)
			if err != nil {
				refused++
				continue
			}
			for range textsEach {
				text := text.Draw(t, "text")
				want := re.MatchString(text)
				if got := a.MatchString(text); got != want {
					t.Fatalf("%q in %q: %v, want %v", pattern, text, got, want)
				}
				compared++
				if want {
					matched++
				}
			}
		}
	})
	t.Logf("%d comparisons, %d of them matches; %d patterns refused", compared, matched, refused)
	if matched < compared/5 || matched > compared*4/5 || refused*100 > compared/textsEach {
		t.Error("the patterns and texts do not suit each other")
	}
}

func TestRandomAutomataAreMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := patternOf(4).Draw(t, "pattern")
		a, err := Compile(pattern)
		if err != nil {
			t.Skip(err)
		}
		if again, _ := Compile(pattern); !reflect.DeepEqual(a, again) {
			t.Fatalf("%q: two automata", pattern)
		}
		if err := a.minimal(); err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
	})
}

func TestAutomataAreMinimal(t *testing.T) {
	for _, pattern := range patterns {
		if err := compile(t, pattern).minimal(); err != nil {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

// minimal checks the form of an automaton, that it has no two states and no two byte
// classes alike, and that the numbers of its states are in breadth-first order.
func (a *Automaton) minimal() error {
	row := func(s int) []uint16 { return a.Next[s*a.Width : (s+1)*a.Width] }
	for _, s := range []uint16{Dead, Matched} {
		if slices.ContainsFunc(row(int(s)), func(to uint16) bool { return to != s }) {
			return fmt.Errorf("state %d does not stay", s)
		}
	}

	// Breadth-first order, which leaves out no state.
	next := uint16(Start + 1)
	for s := Start; s < a.States(); s++ {
		if s >= int(next) {
			return fmt.Errorf("state %d cannot be reached", s)
		}
		for symbol, to := range row(s) {
			if end := symbol == a.Width-1; end && to > Matched || to > next {
				return fmt.Errorf("state %d leads to state %d with symbol %d", s, to, symbol)
			}
			next = max(next, to+1)
		}
	}
	var classes uint8
	for b, class := range a.Classes {
		if class > classes || int(class) >= a.Width-1 {
			return fmt.Errorf("byte %#x has class %d", b, class)
		}
		classes = max(classes, class+1)
	}
	for x := range int(classes) {
		for y := range x {
			alike := true
			for s := range a.States() {
				alike = alike && row(s)[x] == row(s)[y]
			}
			if alike {
				return fmt.Errorf("classes %d and %d are alike", y, x)
			}
		}
	}

	// Moore's algorithm: tell states apart by their rows until no more can be.
	block := make([]int, a.States())
	for blocks := 1; ; {
		index := map[string]int{}
		refined := make([]int, len(block))
		for s := range block {
			key := fmt.Sprint(block[s], row(s)[a.Width-1])
			for _, to := range row(s)[:a.Width-1] {
				key += fmt.Sprint(" ", block[to])
			}
			if _, ok := index[key]; !ok {
				index[key] = len(index)
			}
			refined[s] = index[key]
		}
		block = refined
		if len(index) == blocks {
			break
		}
		blocks = len(index)
	}
	for x := range block {
		for y := range x {
			// Start is a state of its own whatever it is like.
			if block[x] == block[y] && (x != Start || y > Matched) {
				return fmt.Errorf("states %d and %d are alike", y, x)
			}
		}
	}
	return nil
}

func FuzzCompile(f *testing.F) {
	for i, pattern := range patterns {
		f.Add(pattern, texts[i%len(texts)])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		a, err := Compile(pattern)
		if err != nil {
			return
		}
		if a.States() > MaxStates {
			t.Errorf("%q: %d states", pattern, a.States())
		}
		if got, want := a.MatchString(text), regexp.MustCompile(pattern).MatchString(text); got != want {
			t.Errorf("%q in %q: %v, want %v", pattern, text, got, want)
		}
	})
}
