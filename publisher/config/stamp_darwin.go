package config

import (
	"io/fs"
	"syscall"
)

func systemStamp(info fs.FileInfo) (stamp, bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return stamp{}, false
	}
	return stamp{s.Size, s.Mtimespec.Nano(), s.Ctimespec.Nano(), s.Ino, uint64(s.Dev)}, true
}
