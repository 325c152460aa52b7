package config

import (
	"encoding/binary"
	"io/fs"
	"time"
)

// settled is how old a file must be for its stamp to be trusted: more than the resolution of the
// times of any file system. A write that follows the read then changes the times.
const settled = 2 * time.Second

// stamp tells versions of a file apart without its content.
type stamp struct {
	size            int64
	modified, state int64 // times of the last changes of content and of anything, in nanoseconds
	inode, device   uint64
}

const stampSize = 5 * 8

// stampOf returns the stamp of a file, and zero if it cannot be trusted at this time.
func stampOf(info fs.FileInfo, now time.Time) stamp {
	s, ok := systemStamp(info)
	if latest := now.Add(-settled).UnixNano(); !ok || s.modified >= latest || s.state >= latest {
		return stamp{}
	}
	return s
}

// String returns the bytes of the stamp.
func (s stamp) String() string {
	var b []byte
	for _, n := range []uint64{uint64(s.size), uint64(s.modified), uint64(s.state), s.inode, s.device} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return string(b)
}

// parseStamp returns the stamp of stampSize bytes.
func parseStamp(data string) stamp {
	n := func(i int) uint64 { return binary.LittleEndian.Uint64([]byte(data[8*i:][:8])) }
	return stamp{int64(n(0)), int64(n(1)), int64(n(2)), n(3), n(4)}
}
