//go:build tinygo

package assign

import "unsafe"

// The functions of words_native.go without bounds checks; see the rationale.

func load8(b []byte, at int) byte { return *(*byte)(place(b, at)) }

func load16(b []byte, at int) uint16 { return *(*uint16)(place(b, at)) }

func load32(b []byte, at int) uint32 { return *(*uint32)(place(b, at)) }

func load64(b []byte, at int) uint64 { return *(*uint64)(place(b, at)) }

func store64(b []byte, at int, v uint64) { *(*uint64)(place(b, at)) = v }

func place(b []byte, at int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), at)
}
