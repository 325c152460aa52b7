package host

import (
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/tetratelabs/wazero/experimental"
)

// The memory of an instance holds its payload, tables that the core derives from it, and a part of
// fixed size.
const (
	// memoryShare bounds the memory that grows with the payload, as a multiple of the payload's
	// size. Measured payloads need 2.4: the payload itself, the rows of the index, and tables.
	memoryShare = 3

	// memoryBase is the memory of an instance with a small payload, in bytes: mainly the stack
	// and the buffer for a request.
	memoryBase = 512 << 10

	// memorySlack is the memory that an instance may need besides, in bytes. The keys of 30,000
	// attributes of type version take 8 MiB.
	memorySlack = 16 << 20

	// maxMemoryPages bounds the memory of any instance, in pages. maxFirstPages bounds its
	// initial memory, before it has a payload.
	maxMemoryPages = (memoryShare*payload.MaxSize + memorySlack) / pageSize
	maxFirstPages  = memorySlack / pageSize

	pageSize = 64 << 10
)

// reserve returns an allocator of memories for instances with a payload of raw bytes. A memory has
// enough capacity from the beginning, so that it does not move when it grows, as wazero's own
// memories do. It has a limit that suits the payload. An instance that exceeds the limit traps.
func reserve(raw int) experimental.MemoryAllocator {
	return experimental.MemoryAllocatorFunc(func(_, _ uint64) experimental.LinearMemory {
		return &linearMemory{
			bytes: make([]byte, 0, 2*raw+raw/4+memoryBase),
			limit: uint64(memoryShare*raw + memorySlack),
		}
	})
}

// linearMemory is the memory of an instance.
type linearMemory struct {
	bytes []byte
	limit uint64
}

// Reallocate implements [experimental.LinearMemory]. It moves the memory only if the capacity is
// too small.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > m.limit {
		return nil
	}
	if size > uint64(cap(m.bytes)) {
		m.bytes = append(make([]byte, 0, size), m.bytes...)
	}
	m.bytes = m.bytes[:size]
	return m.bytes
}

// Free implements [experimental.LinearMemory].
func (m *linearMemory) Free() { m.bytes = nil }
