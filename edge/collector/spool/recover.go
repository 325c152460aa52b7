package spool

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
)

// recover adds the segments in the directory to the spool.
func (s *Spool) recover() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		seg, kind := parseName(entry.Name())
		if kind == foreign {
			continue
		}
		s.next = max(s.next, seg.Number+1)
		if kind == setAside {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		seg.Size = info.Size()
		s.sealed = append(s.sealed, seg)
	}
	slices.SortFunc(s.sealed, func(a, b Segment) int { return cmp.Compare(a.Number, b.Number) })
	if err := s.cutTornTail(); err != nil {
		return err
	}
	for _, seg := range s.sealed {
		s.bytes += seg.Size
	}
	return nil
}

// cutTornTail truncates the newest segment after its last complete blob. Only the newest segment
// can have an incomplete one after a crash: the others were synced before the next was created.
func (s *Spool) cutTornTail() error {
	if len(s.sealed) == 0 {
		return nil
	}
	last := &s.sealed[len(s.sealed)-1]
	path := filepath.Join(s.dir, last.file())
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	blobs, whole := parse(data)
	if whole == 0 && len(data) >= len(magic) {
		return nil // the magic is damaged, but not by a crash: it was synced first. Read reports it.
	}
	if len(blobs) == 0 {
		s.sealed = s.sealed[:len(s.sealed)-1]
		return os.Remove(path)
	}
	last.Size = int64(whole)
	if whole == len(data) {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(last.Size); err != nil {
		return err
	}
	return f.Sync()
}
