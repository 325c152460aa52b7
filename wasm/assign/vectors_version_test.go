package assign_test

import (
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

func versionVectors() *suite {
	s := audienceSuite("versions", "Tests of a version, and of one version against another.")
	s.audience(version(model.OpLess, "1.23.12"),
		yes("the last number is less", "v", "1.23.11"), no("equal", "v", "1.23.12"), yes("numbers are compared as numbers", "v", "1.9"),
		yes("numbers are compared as numbers", "v", "1.23.2"), no("the first number decides", "v", "2"), yes("missing numbers are zero", "v", "1.23"),
		yes("a pre-release comes before its release", "v", "1.23.12-rc"), no("build metadata is ignored", "v", "1.23.12+0"), yes("a leading v is ignored", "v", "v1.23.11"),
		no("a fourth number counts", "v", "1.23.12.1"), no(whyMissing, "v", nil), no("no version counts as missing", "v", "abc"), no(whyWrongType, "v", 1.2), no("five numbers are no version", "v", "1.2.3.4.5"),
	)
	s.audience(not(version(model.OpLess, "1.23.12")),
		yes("equal", "v", "1.23.12"), no("a pre-release comes before its release", "v", "1.23.12-rc"), yes("numbers are compared as numbers", "v", "1.100"),
		no(whyNegated, "v", nil), no("no version counts as missing", "v", "1.x"), no("no version counts as missing", "v", ""), no(whyWrongType, "v", int64(2)),
	)
	s.audience(version(model.OpEqual, "1.2"),
		yes("missing numbers are zero", "v", "1.2.0"), yes("missing numbers are zero, up to four", "v", "1.2.0.0"), yes("a leading v is ignored", "v", "v1.2"),
		yes("build metadata is ignored", "v", "1.2+b-1.x"), yes("build metadata may be empty", "v", "1.2+"), yes("leading zeros do not matter", "v", "01.002"), no("a pre-release is another version", "v", "1.2-0"), no("a fourth number counts", "v", "1.2.0.1"),
		no("a V is no v", "v", "V1.2"), no("versions are not trimmed", "v", " 1.2"), no(whyMissing, "v", nil),
	)
	s.audience(not(version(model.OpEqual, "1.2")), yes("another version", "v", "1.2.1"), no("equal", "v", "1.2.0"), no("no version counts as missing", "v", "latest"), no(whyNegated, "v", nil))
	s.audience(version(model.OpLess, "1.0.0-beta.2"),
		yes("fewer identifiers come first", "v", "1.0.0-beta"), yes("the first identifier decides", "v", "1.0.0-alpha.beta"), no("numbers are compared as numbers", "v", "1.0.0-beta.11"),
		yes("numbers are compared as numbers", "v", "1.0.0-beta.1"), no("the release comes after", "v", "1.0.0"), no("more identifiers come after", "v", "1.0.0-beta.2.0"),
		no("words come after numbers", "v", "1.0.0-beta.x"), yes("numbers come before words", "v", "1.0.0-1"), yes("words are compared byte by byte", "v", "1.0.0-Beta"), yes("a hyphen is part of a word, and comes before letters", "v", "1.0.0--"),
		no("words are compared byte by byte", "v", "1.0.0-rc"), yes("the numbers come first", "v", "0.9"), no("leading zeros do not matter", "v", "1.0.0-beta.02"),
	)
	s.audience(version(model.OpLessEq, "1.0.0-beta.2"), yes("leading zeros do not matter", "v", "1.0.0-beta.02"), yes("build metadata is ignored", "v", "1.0.0-beta.2+x"), no("a longer word comes after", "v", "1.0.0-betaa"))
	s.audience(not(version(model.OpLessEq, "2")), yes("greater", "v", "2.0.0.1"), no("equal", "v", "2"), no(whyNegated, "v", nil))
	s.audience(version(model.OpLess, "1000000"),
		yes("18 digits are a number", "v", "0.999999999999999999"), no("18 digits are a number", "v", "999999999999999999"), no("19 digits are no version", "v", "0.9999999999999999999"),
		yes("leading zeros are no digits", "v", "0000000000000000000000001"),
	)
	longest := "1-" + strings.Repeat("a", 126)
	s.audience(present(attrVersion),
		yes("one number is a version", "v", "1"), no("empty", "v", ""), no("only a v", "v", "v"), no("a number is missing", "v", "1."), no("a number is missing", "v", ".1"), no("a number is missing", "v", "1..2"),
		no("a pre-release is missing", "v", "1-"), no("an identifier is missing", "v", "1.2-a..b"), no("an identifier is missing", "v", "1.2-a."), no("identifiers are ASCII", "v", "1.2-é"), no("identifiers have no underscores", "v", "1.2-a_b"), yes("build metadata is not looked at", "v", "1.2+é"),
		no("a sign", "v", "-1"), no("two v", "v", "vv1"), no("digits are ASCII", "v", "\uff11.2"), yes("128 bytes", "v", longest), no("129 bytes", "v", longest+"a"), no("missing", "v", nil), no(whyWrongType, "v", []string{"1"}),
		no("an identifier of 19 digits", "v", "1-1000000000000000000"), yes("an identifier of 18 digits", "v", "1-100000000000000000"), yes("a hyphen in an identifier", "v", "1-x-y"),
	)
	s.audience(not(present(attrVersion)), yes("no version counts as missing", "v", "latest"), yes("missing", "v", nil), no("a version", "v", "1"))

	same, less, lessEq := versus(model.OpSame, attrVersion, attrVersion2), versus(model.OpBefore, attrVersion, attrVersion2), versus(model.OpBeforeEq, attrVersion, attrVersion2)
	s.audience(same,
		yes("versions are compared, not texts", "v", "v1.2+a", "v2", "1.2.0"), no("a pre-release is another version", "v", "1.2-rc", "v2", "1.2"),
		no("no version counts as missing, and equals nothing", "v", "latest", "v2", "latest"), no("the second is missing", "v", "1", "v2", nil),
	)
	s.audience(not(same), yes("different", "v", "1", "v2", "2"), no("equal", "v", "1", "v2", "1.0"), no("the first is missing", "v", nil, "v2", "1"))
	s.audience(less, yes("numbers are compared as numbers", "v", "1.9", "v2", "1.10"), no("equal", "v", "1", "v2", "1"), no("greater", "v", "2", "v2", "1"), yes("a pre-release comes before its release", "v", "1-rc", "v2", "1"), no("the second is no version", "v", "1", "v2", "x"))
	s.audience(lessEq, yes("equal", "v", "1", "v2", "1.0"), yes("less", "v", "1", "v2", "2"), no("greater", "v", "2", "v2", "1"))
	s.audience(not(lessEq), yes("greater", "v", "2", "v2", "1"), no("equal", "v", "1", "v2", "1"), no("the first is missing", "v", nil, "v2", "1"))
	return s.done()
}
