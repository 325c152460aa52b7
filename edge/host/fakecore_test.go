package host

import (
	"maps"
	"slices"

	"github.com/sortition-dev/sortition/wasm/abi"
)

// Instructions of WebAssembly.
const (
	opUnreachable = 0x00
	opLoop        = 0x03 // opNothing follows, for its type
	opBranch      = 0x0c // the number of blocks to leave follows
	opNothing     = 0x40
	opEnd         = 0x0b
	opConst       = 0x41 // i32.const; the number follows, signed and of 7 bits
)

// fakeCore returns a module with the exports of a core, and enough memory for a payload and a
// request. Each function returns a valid result. Bodies replaces the bodies of functions.
func fakeCore(bodies map[string][]byte) []byte { return fakeCoreOf([]byte{32}, bodies) } // 2 MiB

// fakeCoreOf is like fakeCore, with the number of pages of memory in LEB128.
func fakeCoreOf(pages []byte, bodies map[string][]byte) []byte {
	functions := map[string][]byte{
		"_initialize": {}, "abi_version": {opConst, abi.Version}, "alloc": {opConst, 8}, "load": {opConst, 0},
		"records": {opConst, 8}, "assign_one": {opConst, 1}, "assign_all": {opConst, 0},
	}
	maps.Copy(functions, bodies)
	var types, indexes, exports, code [][]byte
	for i, name := range slices.Sorted(maps.Keys(functions)) {
		signature := signatures[name]
		const i32 = 0x7f
		function := append([]byte{0x60, byte(signature[0])}, slices.Repeat([]byte{i32}, signature[0])...)
		function = append(append(function, byte(signature[1])), slices.Repeat([]byte{i32}, signature[1])...)
		types = append(types, function)
		indexes = append(indexes, []byte{byte(i)})
		exports = append(exports, append(append([]byte{byte(len(name))}, name...), 0x00, byte(i)))
		body := append(append([]byte{0}, functions[name]...), opEnd) // no locals
		code = append(code, append([]byte{byte(len(body))}, body...))
	}
	exports = append(exports, append([]byte{byte(len("memory"))}, "memory\x02\x00"...))
	module := []byte("\x00asm\x01\x00\x00\x00")
	for _, section := range []struct {
		id      byte
		entries [][]byte
	}{{1, types}, {3, indexes}, {5, [][]byte{append([]byte{0x00}, pages...)}}, {7, exports}, {10, code}} {
		content := append([]byte{byte(len(section.entries))}, slices.Concat(section.entries...)...)
		module = append(append(module, section.id, byte(len(content)&0x7f|0x80), byte(len(content)>>7)), content...)
	}
	return module
}
