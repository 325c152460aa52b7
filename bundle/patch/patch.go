// Package patch packs a byte string as a zstd frame (RFC 8878) whose dictionary is a similar
// byte string.
//
// A general encoder takes the first good match that it finds. Most parts of a payload look like
// their neighbours, so such an encoder loses the alignment of the two strings, and spends
// thousands of bytes on parts that are equal. This encoder keeps the alignment: it first tries
// to continue the last match, and after a difference it looks for the nearest place at which
// the strings may be equal again.
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

// MaxSize is the largest size of a patch in bytes. It also bounds the work. For strings that
// differ more, a general encoder is as good.
const MaxSize = 64 << 10

// Zstd returns a frame that inflates to to with from as the dictionary, or nil if the frame would
// have more than [MaxSize] bytes. The result depends on from and to alone. Together they must
// have less than 1 GiB.
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

// sequence is a number of literals, followed by a match that is copied from offset bytes back.
// The dictionary precedes the content.
type sequence struct{ literals, match, offset int }

// recentOffsets are the last three offsets, the newest first. Repeating one is cheap.
type recentOffsets [3]int

// value returns the code of a sequence's offset, and moves the offset to the front.
func (r *recentOffsets) value(s sequence) int {
	reach := *r // the offsets of the codes 1 to 3
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
