package host

import "github.com/tetratelabs/wazero/experimental"

// reserve makes linear memories with room for an instance of a payload of so many bytes,
// so that they need not be moved as they grow, as wazero's own are.
func reserve(payload int) experimental.MemoryAllocator {
	return experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory {
		return &linearMemory{make([]byte, 0, 2*payload+payload/4+memoryBase)}
	})
}

// memoryBase is what an instance of a small payload takes, the room for a request and
// the stack among it. Measured payloads take up to 1.25 times their size beyond that and
// their own: half of it for the rows of the index, which the core puts together.
const memoryBase = 512 << 10

// linearMemory is the memory of an instance.
type linearMemory struct{ bytes []byte }

// Reallocate implements experimental.LinearMemory. It is moved only if the reserve was
// not enough.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > uint64(cap(m.bytes)) {
		m.bytes = append(make([]byte, 0, size), m.bytes...)
	}
	m.bytes = m.bytes[:size]
	return m.bytes
}

// Free implements experimental.LinearMemory.
func (m *linearMemory) Free() { m.bytes = nil }
