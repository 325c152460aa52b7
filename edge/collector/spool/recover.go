package spool

import (
	"cmp"
	"io"
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
	whole, err := wholeFrames(path)
	if err != nil {
		return err
	}
	switch {
	case whole == 0 && last.Size >= int64(len(magic)):
		return nil // the magic is damaged, but not by a crash: it was synced first. Blobs reports it.
	case whole <= int64(len(magic)):
		s.sealed = s.sealed[:len(s.sealed)-1]
		return os.Remove(path)
	case whole == last.Size:
		return nil
	}
	last.Size = whole
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

// wholeFrames returns the length of the part of a segment file before the first frame that is
// incomplete or damaged.
func wholeFrames(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	frames, err := newFrames(f)
	for err == nil {
		_, err = frames.next()
	}
	if err != io.EOF && err != errTorn {
		return 0, err
	}
	return frames.whole, nil
}
