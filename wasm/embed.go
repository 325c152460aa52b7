// Package wasm carries the assignment core as a WebAssembly module, for hosts to embed.
// ABI.md beside it is the contract of its exports.
package wasm

import _ "embed"

// ABI is the version of the contract that Core keeps, see ABI.md. A core of another
// version answers abi_version with another number.
const ABI = 2

// Core is the module: package guest, compiled by
//
//	make core
//
// and committed, so that an embedder needs no toolchain. `make core-check` compiles it
// again and compares the bytes. It must not be changed.
//
//go:embed core.wasm
var Core []byte
