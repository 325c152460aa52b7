// Package workload describes the experiments and requests of the benchmark, and which of them
// match. Every contestant can express them in its own configuration.
//
// This package is internal to Sortition and may change without notice.
package workload

// Type is the type of an attribute.
type Type string

// The attribute types.
const (
	String  Type = "string"
	Number  Type = "number"
	Bool    Type = "bool"
	Version Type = "version" // three numbers below 1,000
)

// Op is the operator of a Test.
type Op string

// The operators. A test of an attribute that the request does not have fails.
const (
	In             Op = "in"         // a string, one of Strings
	VersionAtLeast Op = "version_ge" // a version, at least Text
	NumberAtLeast  Op = "number_ge"
	NumberBelow    Op = "number_lt"
	IsTrue         Op = "true"
	HasPrefix      Op = "prefix"   // a string that begins with Text
	Contains       Op = "contains" // a string that contains Text
	InSegment      Op = "segment"  // the unit is in the segment named Text
)

// Test is a condition on one attribute.
type Test struct {
	Attribute string   `json:"attribute,omitempty"`
	Op        Op       `json:"op"`
	Strings   []string `json:"strings,omitempty"`
	Text      string   `json:"text,omitempty"`
	Number    float64  `json:"number,omitempty"`
}

// Experiment assigns users to the variants Control and Treatment in equal parts. A user must
// pass all tests of at least one element of Any.
type Experiment struct {
	Key    string   `json:"key"`
	Any    [][]Test `json:"any"`
	Routes []string `json:"routes,omitempty"` // paths that it touches; only Sortition knows them
}

// The variants of every experiment.
const (
	Control   = "control"
	Treatment = "treatment"
)

// Attribute is a declared attribute.
type Attribute struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Segment is a list of user ids.
type Segment struct {
	Key string   `json:"key"`
	IDs []string `json:"ids"`
}

// Value is one attribute of a request.
type Value struct {
	Name   string  `json:"name"`
	Type   Type    `json:"type"`
	String string  `json:"string,omitempty"` // of strings and versions
	Number float64 `json:"number,omitempty"`
	Bool   bool    `json:"bool,omitempty"`
}

// Request has the id and the attributes of one user.
type Request struct {
	ID     string  `json:"id"`
	Values []Value `json:"values"`
}

// Workload is a configuration and the requests to decide on.
type Workload struct {
	Name        string       `json:"name"`
	Attributes  []Attribute  `json:"attributes"`
	Segments    []Segment    `json:"segments"`
	Experiments []Experiment `json:"experiments"`
	Requests    []Request    `json:"requests"`
}
