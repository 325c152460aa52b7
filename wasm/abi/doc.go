// Package abi has the numbers of the core's ABI that the core, its hosts and the publisher
// share: its version, the layout of a decision record, and the reasons with their names.
// wasm/ABI.md is the contract.
//
// This package is internal to Sortition and may change without notice, aside from [Reason],
// which stable packages use.
package abi

// Version is the version of the ABI. A core returns it from its export abi_version; a host
// refuses a core that returns another number.
const Version = 2
