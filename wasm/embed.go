// Package wasm carries the assignment core as a WebAssembly module, for hosts to embed.
// ABI.md beside it is the contract of its exports.
//
// This package is internal to Sortition and may change without notice.
package wasm

import _ "embed"

// Core is the module, of the version that package abi names: package guest, compiled by
//
//	make core
//
// and committed, so that an embedder needs no toolchain. `make core-check` compiles it
// again and compares the bytes. It must not be changed.
//
//go:embed core.wasm
var Core []byte
