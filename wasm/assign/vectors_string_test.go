package assign_test

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
)

const (
	whyMissing   = "a test of a missing attribute is unknown"
	whyNegated   = "the negation of a test of a missing attribute is unknown, too"
	whyWrongType = "a value of another type counts as missing"
)

func stringVectors() *suite {
	s := audienceSuite("strings", "Tests of a string, and of one string against another.")
	s.audience(in("GB", "US"),
		yes("first of the set", "s", "GB"), yes("last of the set", "s", "US"),
		no("strings keep their case", "s", "us"), no("the whole string is compared", "s", "U"),
		no("the whole string is compared", "s", "USA"), no("an empty string is another string", "s", ""),
		no(whyMissing, "s", nil), no(whyWrongType, "s", int64(1)), no(whyWrongType, "s", true),
		no(whyWrongType, "s", []string{"US"}),
	)
	s.audience(not(in("GB", "US")),
		yes("another string", "s", "DE"), yes("an empty string is another string", "s", ""),
		no("one of the set", "s", "US"), no(whyNegated, "s", nil), no(whyWrongType, "s", 5.0),
	)
	s.audience(in(""), yes("an empty string is a value", "s", ""), no(whyMissing, "s", nil))
	s.audience(in("é"), yes("the same bytes", "s", "é"), no("strings are not normalised", "s", "e\u0301"))
	s.audience(in("a\x00b"), yes("a zero byte is a byte", "s", "a\x00b"), no("a zero byte ends no string", "s", "a"))
	s.audience(in("\xff"), yes("strings are bytes", "s", "\xff"), no("strings are bytes", "s", "\xfe"), no("bytes that are no UTF-8 are not U+FFFD", "s", "\ufffd"))
	s.audience(in("1"), yes("a digit is a string", "s", "1"), no(whyWrongType, "s", int64(1)))
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf("m%02d", i))
	}
	s.audience(in(many...), yes("first of many", "s", "m00"), yes("last of many", "s", "m99"), no("none of many", "s", "m100"))

	s.audience(texts(model.OpPrefix, attrString, "/shop"),
		yes("the prefix itself", "s", "/shop"), yes("longer", "s", "/shopping"), no("shorter", "s", "/sho"),
		no("later in the string", "s", "x/shop"), no(whyMissing, "s", nil), no(whyWrongType, "s", []string{"/shop"}),
	)
	s.audience(not(texts(model.OpPrefix, attrString, "/shop")),
		yes("another beginning", "s", "/cart"), no("the prefix", "s", "/shop/1"), no(whyNegated, "s", nil),
	)
	s.audience(texts(model.OpPrefix, attrString, ""), yes("every string begins with nothing", "s", ""), no(whyMissing, "s", nil))
	s.audience(texts(model.OpPrefix, attrString, "日"), yes("whole characters", "s", "日本"), no("a part of the character", "s", "\xe6\x97"))
	s.audience(texts(model.OpSuffix, attrString, ".html"),
		yes("the suffix itself", "s", ".html"), yes("longer", "s", "a.html"), no("shorter", "s", "html"),
		no("earlier in the string", "s", ".html?"), no(whyMissing, "s", nil),
	)
	s.audience(not(texts(model.OpSuffix, attrString, ".html")),
		yes("another end", "s", "a.htm"), no("the suffix", "s", "a.html"), no(whyNegated, "s", nil),
	)
	s.audience(texts(model.OpContains, attrString, "aab"),
		yes("the text itself", "s", "aab"), yes("at the beginning", "s", "aabc"), yes("at the end", "s", "caab"),
		yes("the search starts again after a partial match", "s", "aaab"), no("with something between", "s", "aaxb"),
		no("shorter", "s", "aa"), no("empty", "s", ""), no(whyMissing, "s", nil),
	)
	s.audience(not(texts(model.OpContains, attrString, "aab")),
		yes("without", "s", "ab"), no("with", "s", "xaabx"), no(whyNegated, "s", nil),
	)
	s.audience(texts(model.OpContains, attrString, ""), yes("every string contains nothing", "s", ""), no(whyMissing, "s", nil))

	s.audience(present(attrString),
		yes("an empty string is a value", "s", ""), no("missing", "s", nil), no(whyWrongType, "s", int64(0)), no(whyWrongType, "s", false),
		no(whyWrongType, "s", []string{"a"}),
	)
	s.audience(not(present(attrString)),
		yes("missing", "s", nil), yes(whyWrongType, "s", int64(0)), no("an empty string is a value", "s", ""),
	)

	same := versus(model.OpSame, attrString, attrString2)
	s.audience(same,
		yes("equal", "s", "x", "s2", "x"), yes("empty strings are equal", "s", "", "s2", ""), no("strings keep their case", "s", "x", "s2", "X"),
		no("one is longer", "s", "x", "s2", "xx"), no("strings are not normalised", "s", "é", "s2", "e\u0301"), no("strings are bytes", "s", "\xff", "s2", "\xfe"),
		no("the first is missing", "s", nil, "s2", "x"), no("the second is missing", "s", "x", "s2", nil),
		no("both are missing: nothing equals nothing", "s", nil, "s2", nil), no(whyWrongType, "s", int64(1), "s2", int64(1)),
	)
	s.audience(not(same),
		yes("different", "s", "x", "s2", "y"), no("equal", "s", "x", "s2", "x"), no("the first is missing", "s", nil, "s2", "x"),
		no("the second is missing", "s", "x", "s2", nil), no(whyWrongType, "s", "x", "s2", true),
	)
	return s.done()
}

func patternVectors() *suite {
	s := audienceSuite("patterns", "Regular expressions in RE2 syntax, which match anywhere in the string.")
	s.audience(matchesPattern("checkout"),
		yes("a pattern matches anywhere", "s", "/a/checkout/b"), no("patterns keep case", "s", "/Checkout"), no("not there", "s", ""),
		no(whyMissing, "s", nil), no(whyWrongType, "s", int64(1)),
	)
	s.audience(not(matchesPattern("checkout")),
		yes("not there", "s", "/cart"), no("there", "s", "checkout"), no(whyNegated, "s", nil), no(whyWrongType, "s", []string{"x"}),
	)
	s.audience(matchesPattern(`^/product/[0-9]+$`),
		yes("all of it", "s", "/product/42"), no("a repetition of one or more", "s", "/product/"), no("$ is the end", "s", "/product/42/"),
		no("^ is the beginning", "s", "x/product/42"), no("$ is the end of the text, not that of a line", "s", "/product/42\n"),
		no("a class of ASCII digits", "s", "/product/\u0664"),
	)
	s.audience(matchesPattern("^US|GB$"), yes("an anchor belongs to one alternative", "s", "USA"), yes("an anchor belongs to one alternative", "s", "xGB"), no("neither", "s", "xUSx"))
	s.audience(matchesPattern("^(US|GB)$"), yes("one alternative", "s", "GB"), no("anchors belong to both", "s", "USA"))
	s.audience(matchesPattern("^$"), yes("empty", "s", ""), no("not empty", "s", "a"))
	s.audience(matchesPattern("x*"), yes("a match may be empty", "s", ""), yes("a match may be empty, anywhere", "s", "abc"), no(whyMissing, "s", nil))
	s.audience(matchesPattern("^a{2,3}$"), no("one", "s", "a"), yes("two", "s", "aa"), yes("three", "s", "aaa"), no("four", "s", "aaaa"))
	s.audience(matchesPattern("[^a]"), no("every character is excluded", "s", "aa"), yes("one is not", "s", "ab"), no("a negated class needs a character", "s", ""))
	s.audience(matchesPattern("aab"), yes("the search starts again after a partial match", "s", "aaab"), no("not there", "s", "abab"))
	s.audience(matchesPattern("^.$"),
		yes("a dot is a character, not a byte", "s", "日"), no("two characters", "s", "日本"), no("no character", "s", ""),
		no("a dot is no line break", "s", "\n"), yes("a byte that is no UTF-8 is one character", "s", "\xff"),
		no("bytes of an incomplete character are one character each", "s", "\xe6\x97"), no("bytes that are no UTF-8 are one character each", "s", "\xff\xfe"),
		no("surrogates are three bytes that are no UTF-8", "s", "\xed\xa0\x80"), yes("a character of four bytes", "s", "\U0001f600"),
	)
	s.audience(matchesPattern("(?s)^.$"), yes("with flag s a dot is a line break, too", "s", "\n"))
	s.audience(matchesPattern(`^\x{fffd}$`), yes("a byte that is no UTF-8 reads as U+FFFD", "s", "\xff"), yes("U+FFFD itself", "s", "\ufffd"), no("another", "s", "a"))
	s.audience(matchesPattern("(?i)^k$"), yes("the same case", "s", "k"), yes("the other case", "s", "K"), yes("folding goes beyond ASCII: the Kelvin sign", "s", "\u212a"), no("another letter", "s", "x"))
	s.audience(matchesPattern(`^\p{Han}+$`), yes("characters of the script", "s", "日本"), no("one of another script", "s", "日a"))
	s.audience(matchesPattern(`^\w+\s\d$`), yes("Perl classes", "s", "ab_1 2"), no("are ASCII only", "s", "é 2"))
	s.audience(matchesPattern(`\bcat\b`), yes("a word by itself", "s", "a cat."), no("within a word", "s", "concat"), yes("the whole text", "s", "cat"))
	s.audience(matchesPattern("(?m)^b$"), yes("with flag m, anchors are for lines", "s", "a\nb\nc"), no("part of a line", "s", "a\nbb\nc"))
	s.audience(matchesPattern("a\x00"), yes("a zero byte is a character", "s", "a\x00b"), no("a zero byte ends no text", "s", "a"))
	return s.done()
}
