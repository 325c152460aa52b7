//go:build tinygo

package main

import "unsafe"

// The heap, in place of TinyGo's, which doubles the memory whenever it is full. This one
// takes what is needed and a little more, and does not clear it: memory is zero when it
// is new, and nothing is ever given back.

const (
	pageSize  = 64 << 10 // of WebAssembly
	alignment = 16       // of the largest value that is loaded at once

	// growth is the least part of the memory by which it grows: a runtime may have to copy
	// it all, so it must not grow often.
	growth = 8
)

//go:extern __heap_base
var heapBase [0]byte

var heapNext, heapEnd uintptr

// heapInit is called before anything is allocated.
//
//go:linkname heapInit runtime.initHeap
func heapInit() {
	heapNext = uintptr(unsafe.Pointer(&heapBase))
	heapEnd = uintptr(memorySize(0)) * pageSize
}

//export llvm.wasm.memory.size.i32
func memorySize(index int32) int32

//export llvm.wasm.memory.grow.i32
func memoryGrow(index, pages int32) int32

//go:linkname heapAlloc runtime.alloc
//go:noinline
func heapAlloc(size uintptr, _ unsafe.Pointer) unsafe.Pointer {
	p := (heapNext + alignment - 1) &^ (alignment - 1)
	if size > ^uintptr(0)-p-pageSize {
		panic("out of memory")
	}
	heapNext = p + size
	if heapNext > heapEnd {
		pages := max(int32((heapNext-heapEnd+pageSize-1)/pageSize), memorySize(0)/growth)
		if memoryGrow(0, pages) < 0 {
			panic("out of memory")
		}
		heapEnd += uintptr(pages) * pageSize
	}
	return unsafe.Pointer(p)
}

// What else TinyGo asks of a heap. None of it is called.

//go:linkname heapFree runtime.free
func heapFree(unsafe.Pointer) {}

//go:linkname heapMark runtime.markRoots
func heapMark(_, _ uintptr) {}

//go:linkname heapCollect runtime.GC
func heapCollect() {}
