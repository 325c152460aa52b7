package host

import (
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/tetratelabs/wazero/experimental"
)

// An instance takes its payload, what the core prepares from it, and what does not depend
// on it.
const (
	// memoryShare is how many times its payload an instance may take. Measured payloads
	// take 2.4 times: themselves, the rows of the index put together, and tables.
	memoryShare = 3

	// memoryBase is what an instance of a small payload takes, the room for a request and
	// the stack among it.
	memoryBase = 512 << 10

	// memorySlack is what it may take beyond: tables by unit type of a payload that has
	// 65,535 layers and holdouts for eight unit types take 8 MiB.
	memorySlack = 16 << 20

	// maxMemoryPages bounds the memory of any instance, in pages; and maxFirstPages what it
	// begins with, before there is a payload.
	maxMemoryPages = (memoryShare*payload.MaxSize + memorySlack) / pageSize
	maxFirstPages  = memorySlack / pageSize

	pageSize = 64 << 10
)

// reserve makes linear memories with room for an instance of a payload of so many bytes,
// so that they need not be moved as they grow, as wazero's own are, and with no more than
// such a payload can be worth: one that would take it traps.
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

// Reallocate implements experimental.LinearMemory. It is moved only if the reserve was
// not enough.
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

// Free implements experimental.LinearMemory.
func (m *linearMemory) Free() { m.bytes = nil }
