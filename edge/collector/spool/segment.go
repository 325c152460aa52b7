package spool

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// A segment file is the magic and then frames. A frame is a length, a checksum and a
// blob:
//
//	uint32  bytes of the blob, little-endian, never 0
//	uint32  CRC-32C of the length's four bytes and the blob, little-endian
//	bytes   the blob
const (
	magic         = "SortSpl1"
	frameHeader   = 8
	segmentSuffix = ".seg"
	damagedSuffix = ".damaged"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Segment identifies a segment file. No other file ever has the same Number and Boot.
type Segment struct {
	Number uint64
	Boot   string
	Size   int64 // bytes up to the end of the last synced blob
}

func (s Segment) file() string { return fmt.Sprintf("%012d-%s%s", s.Number, s.Boot, segmentSuffix) }

// fileKind is the kind of a file in the spool's directory.
type fileKind uint8

const (
	foreign  fileKind = iota // not written by a spool
	segment                  // a segment of the spool
	setAside                 // a segment that SetAside has taken out of the spool
)

func parseName(name string) (Segment, fileKind) {
	kind := segment
	if cut, ok := strings.CutSuffix(name, damagedSuffix); ok {
		name, kind = cut, setAside
	}
	name, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok {
		return Segment{}, foreign
	}
	digits, boot, ok := strings.Cut(name, "-")
	number, err := strconv.ParseUint(digits, 10, 64)
	if !ok || err != nil || boot == "" {
		return Segment{}, foreign
	}
	return Segment{Number: number, Boot: boot}, kind
}

func appendFrame(dst, blob []byte) []byte {
	var header [frameHeader]byte
	binary.LittleEndian.PutUint32(header[:4], uint32(len(blob)))
	binary.LittleEndian.PutUint32(header[4:], checksum(header[:4], blob))
	dst = append(dst, header[:]...)
	return append(dst, blob...)
}

func checksum(length, blob []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli), castagnoli, blob)
}
