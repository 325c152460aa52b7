package model

// Op is the operator of an audience expression.
type Op uint8

// The operators. And, Or and Not combine expressions; the others test an attribute. The result of
// a test is unknown if the attribute is missing from the request or does not have the declared
// type. Unknown behaves like NULL in SQL: its negation is unknown, and an audience that is
// unknown does not match. Only OpPresent is never unknown.
const (
	OpAnd Op = iota + 1
	OpOr
	OpNot

	OpPresent  // the request has Attr, with the declared type
	OpTrue     // Attr is a bool and true
	OpIn       // Attr is a string and one of Strings
	OpEqual    // Attr is a number, version or time equal to Value
	OpLess     // Attr is a number, version or time less than Value
	OpLessEq   // Attr is a number, version or time less than or equal to Value
	OpHas      // Attr is a list that contains one of Strings
	OpPrefix   // Attr is a string that begins with Strings[0]
	OpSuffix   // Attr is a string that ends with Strings[0]
	OpContains // Attr is a string that contains Strings[0]
	OpSegment  // the unit is in Segment; unknown if the request has no such unit

	OpMatches  // Attr is a string in which the regular expression Strings[0] (RE2) matches somewhere
	OpSame     // Attr and Other, of one type, are strings, numbers, versions or times and equal
	OpBefore   // Attr and Other, of one type, are numbers, versions or times, and Attr is less
	OpBeforeEq // like OpBefore, or equal
	OpElapsed  // Attr is a time, and at least Elapsed milliseconds lie between it and now
)

// Expr is a node of an audience expression. Greater-than is the negation of less-or-equal: both
// are unknown in the same cases.
type Expr struct {
	Op      Op
	Args    []*Expr  // OpAnd, OpOr: two or more; OpNot: one
	Attr    int      // index into Program.Attributes, for tests
	Strings []string // OpIn, OpHas: sorted and distinct; OpPrefix, OpSuffix, OpContains: one
	Value   Value    // OpEqual, OpLess, OpLessEq
	Segment int      // OpSegment: index into Program.Segments
	Other   int      // OpSame, OpBefore, OpBeforeEq: index into Program.Attributes
	Elapsed int64    // OpElapsed: milliseconds, which may be negative
}

// Value is a literal that has an order.
type Value struct {
	// Ordered is a number or a time as an integer with the same order; see
	// assign.NumberKey and assign.TimeKey.
	Ordered uint64
	// Version is a version as a byte string with the same order; see assign.VersionKey.
	Version string
	// Text is the literal as it was written, for people.
	Text string
}
