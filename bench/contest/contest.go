// Package contest defines what a contestant does, how it is timed, and the process in which
// it runs. Each contestant has a process of its own, so that the memory and the garbage of
// one do not affect another.
//
// This package is internal to Sortition and may change without notice.
package contest

import "github.com/sortition-dev/sortition/bench/workload"

// Contestant decides a workload. Its methods are called one at a time.
type Contestant interface {
	// Prepare converts the workload to the contestant's own configuration, in the form in
	// which an application receives it. It is not timed. The bucket is a directory with the
	// workload as a published bundle, for Sortition.
	Prepare(w *workload.Workload, bucket string) error

	// Open makes the contestant ready to decide by the configuration that Prepare made.
	Open() error

	// One builds the request and decides the first experiment.
	One(request int) error

	// All builds the request, decides every experiment, and returns how many match.
	All(request int) (int, error)

	// Matches returns the indexes of the experiments that the request matches,
	// ascending.
	Matches(request int) ([]int, error)

	// Close frees what Open made.
	Close() error
}

// order is a command to a contestant's process: one JSON object per line.
type order struct {
	Do       string `json:"do"` // prepare, open, memory, matches, one or all
	Workload string `json:"workload,omitempty"`
	Bucket   string `json:"bucket,omitempty"`
	Budget   int64  `json:"budget,omitempty"` // one, all: CPU time to spend at least, in ns
	Times    int    `json:"times,omitempty"`  // one, all: how many calls, instead of a budget
}

// answer is the process's answer to an order.
type answer struct {
	Error   string  `json:"error,omitempty"`
	CPU     int64   `json:"cpu,omitempty"`  // ns
	Wall    int64   `json:"wall,omitempty"` // ns
	Count   int64   `json:"count,omitempty"`
	Bytes   int64   `json:"bytes,omitempty"`
	Matches [][]int `json:"matches,omitempty"`
}
