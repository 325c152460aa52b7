// Package mirror keeps a copy of a bucket's event files in a local directory, so that
// they can be queried. Each file is fetched once. A file that is deleted from the bucket is
// deleted from the copy, so that erasure and retention apply to it too.
//
// This package is internal to Sortition and may change without notice.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// Limits of a mirror.
const (
	DefaultMaxBytes = 8 << 30   // bytes of all files together, unless Mirror.MaxBytes says otherwise
	MaxFileBytes    = 256 << 20 // bytes of one file; it passes through memory
	MaxFiles        = 500_000   // files of one kind

	fetchers  = 8 // files fetched at a time
	maxPasses = 3 // listings, when files change between the listing and the fetching

	// resolution is that of the times compared to notice a file that was replaced.
	resolution = time.Millisecond

	fileMode      = 0o600 // events are nobody else's business
	directoryMode = 0o700
)

// Mirror is a local copy of the event files of Source under Dir, which is made if need
// be and which nothing else may write to. One Update may run at a time.
type Mirror struct {
	Source   eventfile.Source
	Dir      string
	MaxBytes int64          // 0: DefaultMaxBytes
	Progress func(Progress) // may be nil; never called twice at once
}

// Progress says how far an update has come.
type Progress struct {
	Files, TotalFiles int
	Bytes, TotalBytes int64
}

// ErrTooMuch says that the bucket holds more than the mirror may.
var ErrTooMuch = errors.New("too many event files to fetch")

var errChanging = errors.New("the event files changed while they were fetched: try again")

// Files are globs of the local event files. Each matches at least one file.
type Files struct{ Exposures, Outcomes string }

// Update makes the copy equal to the bucket and returns the globs that match it. There
// is always a file to match, so that a query works before the first event.
func (m *Mirror) Update(ctx context.Context) (Files, error) {
	for range maxPasses {
		wanted, err := m.list(ctx)
		if err != nil {
			return Files{}, err
		}
		missing, err := m.prune(wanted)
		if err != nil {
			return Files{}, err
		}
		changed, err := m.fetch(ctx, missing)
		if err != nil {
			return Files{}, err
		}
		if !changed {
			return m.files()
		}
	}
	return Files{}, errChanging
}

// list is what the bucket has, by name.
func (m *Mirror) list(ctx context.Context) (map[string]store.Entry, error) {
	limit := m.MaxBytes
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	wanted := map[string]store.Entry{}
	var total int64
	for _, prefix := range []string{event.ExposuresPrefix, event.OutcomesPrefix} {
		files := 0
		for entry, err := range eventfile.List(ctx, m.Source, prefix) {
			if err != nil {
				return nil, err
			}
			if entry.Size > MaxFileBytes {
				return nil, fmt.Errorf("%w: %s has %d bytes, more than %d", ErrTooMuch, entry.Name, entry.Size, MaxFileBytes)
			}
			files++
			total += entry.Size
			if files > MaxFiles || total > limit {
				return nil, fmt.Errorf("%w: the bucket has more than %d bytes or %d files under %s; run the statements that --sql prints in an engine beside the bucket", ErrTooMuch, limit, MaxFiles, prefix)
			}
			wanted[entry.Name] = entry
		}
	}
	return wanted, nil
}

// prune removes what the bucket does not have from the copy and returns what the copy
// does not have, or has otherwise.
func (m *Mirror) prune(wanted map[string]store.Entry) ([]store.Entry, error) {
	have := map[string]bool{}
	root := filepath.Join(m.Dir, "events")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(m.Dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		entry, ok := wanted[name]
		if !ok {
			return os.Remove(path)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		have[name] = info.Size() == entry.Size && sameTime(info.ModTime(), entry.Modified)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("tidy the event files in %s: %w", m.Dir, err)
	}
	var missing []store.Entry
	for name, entry := range wanted {
		if !have[name] {
			missing = append(missing, entry)
		}
	}
	return missing, nil
}

func sameTime(a, b time.Time) bool {
	return a.Truncate(resolution).Equal(b.Truncate(resolution))
}

// fetch gets files. It reports changed if one of them was no longer as listed.
func (m *Mirror) fetch(ctx context.Context, missing []store.Entry) (changed bool, err error) {
	var (
		mu       sync.Mutex
		progress = Progress{TotalFiles: len(missing)}
	)
	for _, entry := range missing {
		progress.TotalBytes += entry.Size
	}
	done := func(entry store.Entry, ok bool) {
		mu.Lock()
		defer mu.Unlock()
		changed = changed || !ok
		progress.Files++
		progress.Bytes += entry.Size
		if m.Progress != nil {
			m.Progress(progress)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetchers)
	for _, entry := range missing {
		group.Go(func() error {
			object, err := m.Source.Get(ctx, entry.Name, "", entry.Size)
			if errors.Is(err, bundle.ErrNotFound) || errors.Is(err, bundle.ErrTooLarge) {
				done(entry, false)
				return nil
			}
			if err != nil {
				return fmt.Errorf("fetch %s: %w", entry.Name, err)
			}
			if err := m.keep(entry, object.Data); err != nil {
				return fmt.Errorf("keep %s: %w", entry.Name, err)
			}
			done(entry, true)
			return nil
		})
	}
	err = group.Wait()
	return changed, err
}

// keep writes one file, with the bucket's time, by which a change is noticed.
func (m *Mirror) keep(entry store.Entry, data []byte) error {
	path := filepath.Join(m.Dir, filepath.FromSlash(entry.Name))
	if err := os.MkdirAll(filepath.Dir(path), directoryMode); err != nil {
		return err
	}
	if err := durable.Replace(path, data, fileMode); err != nil {
		return err
	}
	return os.Chtimes(path, entry.Modified, entry.Modified)
}

// files writes a file without rows for each kind of event and returns the globs.
func (m *Mirror) files() (Files, error) {
	exposures, err := emptyFile[event.StoredExposure](m.Dir, event.ExposuresPrefix)
	if err != nil {
		return Files{}, err
	}
	outcomes, err := emptyFile[event.StoredOutcome](m.Dir, event.OutcomesPrefix)
	return Files{Exposures: exposures, Outcomes: outcomes}, err
}

// emptyFile writes a file of no rows under the prefix, in a partition of its own, and
// returns the glob of all files there.
func emptyFile[R eventfile.Row](dir, prefix string) (glob string, err error) {
	path := filepath.Join(dir, filepath.FromSlash(eventfile.Name(prefix, time.Unix(0, 0), "empty")))
	if err := os.MkdirAll(filepath.Dir(path), directoryMode); err != nil {
		return "", err
	}
	data, err := eventfile.Encode([]R{})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path, data, fileMode); err != nil {
		return "", fmt.Errorf("write an empty event file: %w", err)
	}
	root := filepath.Join(dir, filepath.FromSlash(prefix))
	return filepath.Join(globLiteral.Replace(root), "*", "*", "*.parquet"), nil
}

// globLiteral makes a glob of a path that means the path itself.
var globLiteral = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")
