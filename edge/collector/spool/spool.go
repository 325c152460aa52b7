// Package spool keeps blobs on disk until they are stored elsewhere. [Spool.Append] returns after a
// blob is durable; concurrent calls share one fsync. Blobs are in segment files. A segment is first
// appended to, then sealed, and finally removed.
//
// The name of a segment file is
//
//	<number>-<boot>.seg
//
// Numbers ascend within a directory. The boot is a random id of the [Spool] that created the file,
// so that no two segments ever have the same name. Segments that exist when a spool is opened are
// sealed: after the process that wrote a segment has ended, its content never changes, except that
// an incomplete blob at its end, which was never acknowledged, is cut off.
//
// This package is internal to Sortition and may change without notice.
package spool

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// Limits of a spool.
const (
	MaxBlob    = 4 << 20  // bytes of one blob
	maxPending = 16 << 20 // bytes that wait for the fsync in progress
	maxSpare   = 2 << 20  // bytes of a buffer that is kept for a later commit
)

var (
	// ErrFull says that a blob exceeds the disk budget, or that too many blobs in memory wait
	// for the disk.
	ErrFull = errors.New("spool: full")
	// ErrClosed says that the spool accepts no more blobs.
	ErrClosed = errors.New("spool: closed")
	// ErrDamaged says that a part of a sealed segment cannot be read.
	ErrDamaged = errors.New("spool: damaged segment")
)

// Options are the bounds of a spool, in bytes.
type Options struct {
	Budget      int64 // of all segments together
	SegmentSize int64 // of one segment, after which it is sealed
}

// Spool is a directory of segments. It is safe for concurrent use.
type Spool struct {
	dir     string
	boot    string
	options Options
	lock    *os.File

	// Tests replace these to observe, delay and fail writes.
	write func(*os.File, []byte) (int, error)
	sync  func(*os.File) error

	mu      sync.Mutex
	closed  bool
	pending []byte // framed blobs that wait for the next commit
	spare   []byte // the next buffer for pending
	group   *group // callers that wait for the next commit; nil if there are none
	bytes   int64  // of all segments and of pending
	sealed  []Segment
	ready   chan struct{}

	disk   sync.Mutex // held while files are written, synced or sealed; taken before mu
	active *os.File   // nil until the next commit creates it
	name   Segment    // of active; its Size counts the synced bytes
	next   uint64     // number of the next segment
}

// group holds the callers whose blobs share a commit.
type group struct {
	done chan struct{}
	err  error // set before done is closed
}

// Open opens the spool in dir, and creates the directory if it does not exist. It seals the
// segments there, and cuts off an incomplete blob at the end of the newest one. Only one spool at a
// time may be open in a directory.
func Open(dir string, o Options) (_ *Spool, err error) {
	if err := durable.MakeDirectory(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %s: %w", dir, err)
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	s := &Spool{
		dir: dir, boot: rand.Text(), options: o, lock: lock,
		write: (*os.File).Write, sync: (*os.File).Sync,
		ready: make(chan struct{}, 1), next: 1,
	}
	if err := s.recover(); err != nil {
		return nil, fmt.Errorf("spool: %s: %w", dir, err)
	}
	if len(s.sealed) > 0 {
		s.announce()
	}
	return s, nil
}

// Append makes a blob durable. If it returns nil, the blob survives a crash of the process and of
// the machine. After an error other than ErrFull and ErrClosed, the blob may or may not be in the
// spool.
func (s *Spool) Append(blob []byte) error {
	c, err := s.Add(blob)
	if err != nil {
		return err
	}
	return c.Wait()
}

// Commit is a blob that is going to be durable.
type Commit struct {
	spool  *Spool
	group  *group
	leader bool
}

// Add copies a blob for the next commit. Call Wait of the result once and soon: others may share
// the commit, and wait for it. Add does not wait for the disk.
func (s *Spool) Add(blob []byte) (Commit, error) {
	if len(blob) == 0 || len(blob) > MaxBlob {
		return Commit{}, fmt.Errorf("spool: a blob has 1 to %d bytes, not %d", MaxBlob, len(blob))
	}
	size := int64(frameHeader + len(blob))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return Commit{}, ErrClosed
	}
	if s.bytes+size > s.options.Budget || len(s.pending)+int(size) > maxPending {
		return Commit{}, ErrFull
	}
	s.bytes += size
	s.pending = appendFrame(s.pending, blob)
	leader := s.group == nil
	if leader {
		s.group = &group{done: make(chan struct{})}
	}
	return Commit{s, s.group, leader}, nil
}

// Wait waits until the blob is durable. Its error is as that of Append.
func (c Commit) Wait() error {
	if c.leader {
		c.spool.commit()
	}
	<-c.group.done
	return c.group.err
}

// commit writes and syncs all pending blobs, after the commit in progress.
func (s *Spool) commit() {
	s.disk.Lock()
	defer s.disk.Unlock()
	s.mu.Lock()
	g, frames := s.group, s.pending
	s.group, s.pending = nil, s.spare[:0]
	s.spare = nil
	s.mu.Unlock()

	g.err = s.store(frames)
	s.mu.Lock()
	if g.err != nil {
		s.bytes -= int64(len(frames))
	}
	if cap(frames) <= maxSpare {
		s.spare = frames
	}
	s.mu.Unlock()
	close(g.done)
}

func (s *Spool) store(frames []byte) error {
	if s.active == nil {
		if err := s.create(); err != nil {
			return fmt.Errorf("spool: %w", err)
		}
	}
	_, err := s.write(s.active, frames)
	if err == nil {
		err = s.sync(s.active)
	}
	if err != nil {
		// The content after a failed write or sync is unknown. Seal the segment where it was
		// last known to be good.
		s.seal(s.active.Truncate(s.name.Size))
		return fmt.Errorf("spool: %w", err)
	}
	s.name.Size += int64(len(frames))
	if s.name.Size >= s.options.SegmentSize {
		s.seal(nil)
	}
	return nil
}

// create starts a segment whose directory entry is durable.
func (s *Spool) create() error {
	seg := Segment{Number: s.next, Boot: s.boot, Size: int64(len(magic))}
	path := filepath.Join(s.dir, seg.file())
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	s.next++
	if _, err = s.write(f, []byte(magic)); err == nil {
		err = s.sync(f)
	}
	if err == nil {
		err = s.syncDir()
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	s.active, s.name = f, seg
	s.mu.Lock()
	s.bytes += seg.Size
	s.mu.Unlock()
	return nil
}

func (s *Spool) syncDir() error {
	d, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return s.sync(d)
}

// seal seals the active segment. untrimmed is not nil if there may be more bytes after the
// segment's end. They do no harm, because Blobs stops at the segment's size.
func (s *Spool) seal(untrimmed error) {
	seg := s.name
	empty := seg.Size == int64(len(magic))
	s.active.Close()
	s.active = nil
	if empty && untrimmed == nil {
		os.Remove(filepath.Join(s.dir, seg.file()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if empty {
		s.bytes -= seg.Size
		return
	}
	s.sealed = append(s.sealed, seg)
	s.announce()
}

func (s *Spool) announce() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// Seal seals the active segment, if there is one.
func (s *Spool) Seal() {
	s.disk.Lock()
	defer s.disk.Unlock()
	if s.active != nil {
		s.seal(nil)
	}
}

// Ready returns a channel that receives a value after segments were sealed, and after Open if there
// were segments.
func (s *Spool) Ready() <-chan struct{} { return s.ready }

// Sealed returns the sealed segments, oldest first.
func (s *Spool) Sealed() []Segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sealed)
}

// Blobs reads the blobs of a sealed segment one by one. Each is valid until the next. The sequence
// ends after an error, which is ErrDamaged if what follows in the segment is damaged.
func (s *Spool) Blobs(seg Segment) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		file, err := os.Open(filepath.Join(s.dir, seg.file()))
		if err != nil {
			yield(nil, fmt.Errorf("spool: %w", err))
			return
		}
		defer file.Close()
		frames, err := newFrames(io.LimitReader(file, seg.Size))
		var blob []byte
		for err == nil {
			if blob, err = frames.next(); err == nil && !yield(blob, nil) {
				return
			}
		}
		switch {
		case err == io.EOF && frames.whole == seg.Size:
		case err == io.EOF || err == errTorn:
			yield(nil, fmt.Errorf("%w %s: %d bytes after the first %d cannot be read", ErrDamaged, seg.file(), seg.Size-frames.whole, frames.whole))
		default:
			yield(nil, fmt.Errorf("spool: %s: %w", seg.file(), err))
		}
	}
}

// Remove deletes a sealed segment.
func (s *Spool) Remove(seg Segment) error {
	return s.forget(seg, os.Remove(filepath.Join(s.dir, seg.file())))
}

// SetAside removes a sealed segment from the spool and appends ".damaged" to the name of its file,
// so that an operator can inspect it.
func (s *Spool) SetAside(seg Segment) (path string, err error) {
	from := filepath.Join(s.dir, seg.file())
	path = from + damagedSuffix
	return path, s.forget(seg, os.Rename(from, path))
}

func (s *Spool) forget(seg Segment, err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("spool: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.sealed, seg); i >= 0 {
		s.sealed = slices.Delete(s.sealed, i, i+1)
		s.bytes -= seg.Size
	}
	return nil
}

// Usage is the size of a spool.
type Usage struct {
	Bytes  int64 // in segments, and waiting for the disk
	Budget int64
	Sealed int // segments
}

// Usage returns the current usage.
func (s *Spool) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Usage{Bytes: s.bytes, Budget: s.options.Budget, Sealed: len(s.sealed)}
}

// Stop refuses further blobs, waits for calls of Append in progress, and seals the active segment.
// Sealed segments can still be read and removed.
func (s *Spool) Stop() {
	s.mu.Lock()
	s.closed = true
	g := s.group
	s.mu.Unlock()
	if g != nil {
		<-g.done
	}
	s.Seal()
}

// Close unlocks the directory. Call it after Stop, and call no other method after it.
func (s *Spool) Close() error { return s.lock.Close() }
