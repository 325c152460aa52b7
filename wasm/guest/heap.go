//go:build tinygo

package main

import "unsafe"

// This heap replaces TinyGo's, which doubles the memory whenever it is full. It grows the memory
// only by about as much as is needed. It never frees memory and does not clear it, because new
// memory is zero.

const (
	pageSize  = 64 << 10 // of WebAssembly
	alignment = 16       // of the largest value that one instruction loads

	// growth is the least share of the memory, one in growth, by which it grows. A runtime may
	// have to copy all memory, so it must not grow often.
	growth = 8
)

//go:extern __heap_base
var heapBase [0]byte

var heapNext, heapEnd uintptr

// heapInit is called before the first allocation.
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

// The other functions that TinyGo requires of a heap. None is called.

//go:linkname heapFree runtime.free
func heapFree(unsafe.Pointer) {}

//go:linkname heapMark runtime.markRoots
func heapMark(_, _ uintptr) {}

//go:linkname heapCollect runtime.GC
func heapCollect() {}
