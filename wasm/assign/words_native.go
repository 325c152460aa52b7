//go:build !tinygo

package assign

import "encoding/binary"

// These functions read integers at any offset of a byte slice; they need not be aligned.

func load16(b []byte, at int) uint16 { return binary.LittleEndian.Uint16(b[at:]) }

func load32(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }

func load64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

func store64(b []byte, at int, v uint64) { binary.LittleEndian.PutUint64(b[at:], v) }
