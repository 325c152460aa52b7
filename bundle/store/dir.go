package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// Dir is a store in a directory, with a file for each object. Several processes may use a
// directory concurrently. Its file system must support hard links.
type Dir struct{ root string }

const (
	objectMode    = 0o644
	directoryMode = 0o755
)

// NewDir returns the store in a directory. Writing the first object creates the directory.
func NewDir(path string) (*Dir, error) {
	root, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &Dir{root}, nil
}

func (d *Dir) path(name string) string { return filepath.Join(d.root, filepath.FromSlash(name)) }

// Get implements [bundle.Source]. The ETag is the hash of the object's bytes.
func (d *Dir) Get(ctx context.Context, name, etag string, limit int64) (bundle.Object, error) {
	if err := errors.Join(ctx.Err(), CheckName(name)); err != nil {
		return bundle.Object{}, err
	}
	f, err := os.Open(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return bundle.Object{}, fmt.Errorf("%w: %s", bundle.ErrNotFound, name)
	}
	if err != nil {
		return bundle.Object{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return bundle.Object{}, err
	} else if info.IsDir() {
		return bundle.Object{}, fmt.Errorf("%w: %s", bundle.ErrNotFound, name)
	}
	data, err := readLimited(f, name, limit)
	if err != nil {
		return bundle.Object{}, err
	}
	hash := bundle.HashOf(data).String()
	if hash == etag {
		return bundle.Object{}, bundle.ErrNotModified
	}
	return bundle.Object{Data: data, ETag: hash}, nil
}

// Put implements [Store].
func (d *Dir) Put(ctx context.Context, name string, data []byte) error {
	return d.write(ctx, name, data, durable.Replace)
}

// Create implements [Store].
func (d *Dir) Create(ctx context.Context, name string, data []byte) error {
	err := d.write(ctx, name, data, durable.Create)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s", ErrExists, name)
	}
	return err
}

func (d *Dir) write(ctx context.Context, name string, data []byte, write func(string, []byte, fs.FileMode) error) error {
	if err := errors.Join(ctx.Err(), CheckName(name)); err != nil {
		return err
	}
	path := d.path(name)
	if err := durable.MakeDirectory(filepath.Dir(path), directoryMode); err != nil {
		return err
	}
	return write(path, data, objectMode)
}

// Delete implements [Store].
func (d *Dir) Delete(ctx context.Context, name string) error {
	if err := errors.Join(ctx.Err(), CheckName(name)); err != nil {
		return err
	}
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List implements [Store].
func (d *Dir) List(ctx context.Context, prefix string) iter.Seq2[Entry, error] {
	if err := checkPrefix(prefix); err != nil {
		return fail(err)
	}
	return func(yield func(Entry, error) bool) { d.walk(ctx, "", prefix, yield) }
}

// walk yields the objects in a directory whose names begin with prefix. The directory is "" or
// ends with a slash. If walk returns false, the listing has ended.
func (d *Dir) walk(ctx context.Context, directory, prefix string, yield func(Entry, error) bool) bool {
	files, err := os.ReadDir(d.path(directory))
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err = errors.Join(err, ctx.Err()); err != nil {
		yield(Entry{}, err)
		return false
	}
	names := make(map[string]fs.DirEntry, len(files))
	for _, f := range files {
		name := directory + f.Name()
		if f.IsDir() {
			name += "/" // for the order of names: "a-b" sorts before "a/b"
		}
		names[name] = f
	}
	for _, name := range sortedKeys(names) {
		switch f := names[name]; {
		case strings.HasPrefix(f.Name(), "."):
		case f.IsDir():
			if strings.HasPrefix(name, prefix) || strings.HasPrefix(prefix, name) {
				if !d.walk(ctx, name, prefix, yield) {
					return false
				}
			}
		case strings.HasPrefix(name, prefix):
			info, err := f.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue // deleted meanwhile
			}
			if err != nil {
				yield(Entry{}, err)
				return false
			}
			if !yield(Entry{name, info.Size(), info.ModTime()}, nil) {
				return false
			}
		}
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// readLimited reads an object of at most limit bytes.
func readLimited(r io.Reader, name string, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: %s is too long; the limit is %d bytes", bundle.ErrTooLarge, name, limit)
	}
	return data, nil
}
