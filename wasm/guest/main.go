// Command guest is the core as a WebAssembly module. It only exports the functions of wasm/assign.
// wasm/ABI.md describes the exports.
//
//	make core
package main

import (
	"unsafe"

	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
)

var engine *assign.Engine

func main() {}

//go:wasmexport abi_version
func abiVersion() uint32 { return abi.Version }

// alloc allocates n bytes, which are never freed.
//
//go:wasmexport alloc
func alloc(n uint32) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(make([]byte, n)))
}

// load loads the payload at p, which must stay there unchanged, and returns a status. It must be
// called only once.
//
//go:wasmexport load
func load(p *byte, n uint32) uint32 {
	e, status := assign.Load(unsafe.Slice(p, n))
	engine = e
	return uint32(status)
}

// records returns the address of the records of every later call.
//
//go:wasmexport records
func records() unsafe.Pointer {
	if engine == nil {
		return nil
	}
	return unsafe.Pointer(engine.Records())
}

// assign_one decides one experiment and returns the number of records, which is 1, or
// a status as a negative number.
//
//go:wasmexport assign_one
func assignOne(p *byte, n, experiment uint32) int32 {
	if engine == nil {
		return -int32(assign.NotLoaded)
	}
	return count(engine.AssignOne(unsafe.Slice(p, n), experiment))
}

// assign_all decides everything and returns the number of records, or a status as a
// negative number.
//
//go:wasmexport assign_all
func assignAll(p *byte, n uint32) int32 {
	if engine == nil {
		return -int32(assign.NotLoaded)
	}
	return count(engine.AssignAll(unsafe.Slice(p, n)))
}

func count(records []byte, status assign.Status) int32 {
	if status != assign.OK {
		return -int32(status)
	}
	return int32(len(records) / abi.RecordSize)
}

//lint:file-ignore U1000 hosts call what is exported, and staticcheck does not know the directive
