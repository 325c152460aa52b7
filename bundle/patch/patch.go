// Package patch packs a byte string against another that is much like it, as a zstd
// frame (RFC 8878) whose dictionary is the other.
//
// A general encoder looks for what repeats itself, and stops at the first good find. In
// payloads, in which most things look like their neighbours, it then loses the place at
// which the two strings run alongside each other, and spends thousands of bytes on what
// is equal. This one keeps to that place: it asks first how far the two go on alike, and
// where they part, it looks for the nearest place where they may do so again.
//
// This package is internal to Sortition and may change without notice.
package patch

import "encoding/binary"

const (
	frameMagic    = 0xfd2fb528
	singleSegment = 1 << 5
	sizeOf4Bytes  = 2 << 6

	maxBlock = 128 << 10 // bytes of content in a block, by the format

	lastBlock       = 1
	blockRaw        = 0 << 1
	blockCompressed = 2 << 1
)

// MaxSize bounds a patch, in bytes, and with it the work: strings that differ in more
// are not much alike, and are left to a general encoder.
const MaxSize = 64 << 10

// Zstd returns a frame that inflates to to where from is the dictionary, or nil if it
// would have more than MaxSize bytes. The same strings give the same bytes. Together
// they must have less than 1 GiB.
func Zstd(from, to []byte) []byte {
	frame := binary.LittleEndian.AppendUint32(nil, frameMagic)
	frame = append(frame, singleSegment|sizeOf4Bytes)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(to)))
	m := newMatcher(from, to)
	recent := recentOffsets{1, 4, 8} // by the format
	for at := 0; at < len(to); at += maxBlock {
		content := to[at:min(at+maxBlock, len(to))]
		sequences, literals := m.parse(at, len(content), recent)
		after := recent
		packed, header := encodeBlock(sequences, literals, &after), uint32(blockCompressed)
		if len(packed) < len(content) {
			recent = after
		} else {
			packed, header = content, blockRaw
		}
		header |= uint32(len(packed)) << 3
		if at+len(content) == len(to) {
			header |= lastBlock
		}
		frame = append(frame, byte(header), byte(header>>8), byte(header>>16))
		if frame = append(frame, packed...); len(frame) > MaxSize {
			return nil
		}
	}
	return frame
}

// sequence is some literals, and then bytes that are copied from offset bytes back, where
// the dictionary lies before the beginning.
type sequence struct{ literals, match, offset int }

// recentOffsets are the last three, the newest first, which are cheap to say again.
type recentOffsets [3]int

// value is how the format writes an offset, and notes that it was used.
func (r *recentOffsets) value(s sequence) int {
	reach := *r // what the values 1 to 3 mean
	if s.literals == 0 {
		reach = recentOffsets{r[1], r[2], r[0] - 1}
	}
	for i, offset := range reach {
		if offset == s.offset {
			r.use(offset)
			return i + 1
		}
	}
	r.use(s.offset)
	return s.offset + len(r)
}

func (r *recentOffsets) use(offset int) {
	switch offset {
	case r[0]:
	case r[1]:
		r[0], r[1] = r[1], r[0]
	default:
		*r = recentOffsets{offset, r[0], r[1]}
	}
}
