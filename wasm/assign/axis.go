package assign

// axisKind is the kind of an axis of the audience index. It determines the meaning of the cells.
// Cell 0 is always for a missing value. The numbers are part of the payload format.
const (
	axisSet     = 1 // a string attribute: cell 1 for any other string, 2+i for value i
	axisOrdered = 2 // a number or time: cell 1+2i below value i, 2+2i for value i itself
	axisVersion = 3 // a version: like axisOrdered, with version keys
	axisBool    = 4 // a bool: cell 1 for false, 2 for true
	axisList    = 5 // a list: cell 1 without the axis's one value, 2 with it
	axisSegment = 6 // a segment: cell 1 for units outside, 2 inside
	axisPresent = 7 // a list: cell 1 for any list
)

// testOp is the operator of a residual test, which the index cannot express. The numbers are part
// of the payload format.
const (
	testPrefix   = 1
	testSuffix   = 2
	testContains = 3
	testMatches  = 4 // the automaton of the argument finds a match
	testSame     = 5 // the attribute of the argument has the same value
	testBefore   = 6 // … has a greater one
	testBeforeEq = 7 // … has the same or a greater one
	testElapsed  = 8 // at least the argument's milliseconds, which are signed, have passed
)

// Attribute types, as numbered in package model.
const (
	typeString = iota + 1
	typeNumber
	typeBool
	typeVersion
	typeTime
	typeList
)

// attributeType returns the attribute type of an axis kind.
func attributeTypeFits(axis, attribute byte) bool {
	switch axis {
	case axisSet:
		return attribute == typeString
	case axisOrdered:
		return attribute == typeNumber || attribute == typeTime
	case axisVersion:
		return attribute == typeVersion
	case axisBool:
		return attribute == typeBool
	case axisList, axisPresent:
		return attribute == typeList
	}
	return false
}

// cells returns the number of cells of an axis with n values, or -1 if n is not allowed.
func cells(kind byte, n int) int {
	switch kind {
	case axisSet:
		return n + 2
	case axisOrdered, axisVersion:
		return 2*n + 2
	case axisBool, axisSegment:
		if n == 0 {
			return 3
		}
	case axisList:
		if n == 1 {
			return 3
		}
	case axisPresent:
		if n == 0 {
			return 2
		}
	}
	return -1
}
