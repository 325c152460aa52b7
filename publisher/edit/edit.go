// Package edit changes the files of a project as a careful person would: comments, the order
// of keys, empty lines, quotes and anchors stay as they are written.
//
// This package is internal to Sortition and may change without notice.
package edit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/config"
)

// ErrExists says that a file that was to be new is there already.
var ErrExists = errors.New("the file exists already")

// Edit collects changes to the files of a project, and writes them together. Nothing is
// written before [Edit.Write]. One goroutine may use it at a time; two Edits of one project
// at the same time may undo each other's changes.
type Edit struct {
	dir   string
	files map[string][]byte // changed so far, by path relative to dir, with slashes
}

// Open begins to edit the project in a directory.
func Open(dir string) *Edit { return &Edit{dir, map[string][]byte{}} }

// Set sets the value that a path in a file leads to, see [config.Change]. File is relative to
// the project, with slashes.
func (e *Edit) Set(file string, value any, path ...any) error {
	return e.change(file, config.Change{Path: path, Value: value})
}

// Remove removes the key or the item that a path in a file leads to, with the comments that
// belong to it.
func (e *Edit) Remove(file string, path ...any) error {
	return e.change(file, config.Change{Path: path, Remove: true})
}

func (e *Edit) change(file string, c config.Change) error {
	data, err := e.read(file)
	if err != nil {
		return err
	}
	changed, err := config.Rewrite(file, data, c)
	if err != nil {
		return err
	}
	e.files[file] = changed
	return nil
}

// CreateExperiment adds the file of an experiment, with these keys beside its key. The error
// is ErrExists if there is such a file.
func (e *Edit) CreateExperiment(key string, keys config.Mapping) error {
	return e.create(config.ExperimentsDir+"/"+key+".yaml", key, keys)
}

// CreateFlag adds the file of a flag, as CreateExperiment does for an experiment.
func (e *Edit) CreateFlag(key string, keys config.Mapping) error {
	return e.create(config.FlagsDir+"/"+key+".yaml", key, keys)
}

func (e *Edit) create(file, key string, keys config.Mapping) error {
	if !config.Formattable(file) {
		return fmt.Errorf("%q is no key", key)
	}
	switch _, err := e.read(file); {
	case err == nil:
		return fmt.Errorf("%s: %w", file, ErrExists)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	changes := []config.Change{{Path: []any{"key"}, Value: key}}
	for _, m := range keys {
		changes = append(changes, config.Change{Path: []any{m.Key}, Value: m.Value})
	}
	data, err := config.Rewrite(file, nil, changes...)
	if err != nil {
		return err
	}
	e.files[file] = data
	return nil
}

func (e *Edit) read(file string) ([]byte, error) {
	if !config.Formattable(file) {
		return nil, fmt.Errorf("%s is not one of the project's files", file)
	}
	if data, ok := e.files[file]; ok {
		return data, nil
	}
	f, err := os.Open(e.path(file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, config.MaxFileSize+1))
	if err == nil && len(data) > config.MaxFileSize {
		err = fmt.Errorf("%s is larger than %d bytes", file, config.MaxFileSize)
	}
	return data, err
}

func (e *Edit) path(file string) string { return filepath.Join(e.dir, filepath.FromSlash(file)) }

// Project is the project as it is with the changes. The problems are those that Write would
// return.
func (e *Edit) Project() (*config.Project, config.Problems) { return config.LoadWith(e.dir, e.files) }

// Write writes the files that changed, if the project is without mistakes then, and returns
// their paths relative to the project. The error is [config.Problems] otherwise. A file has
// either all of its changes or none; if one cannot be written, those before it stay.
func (e *Edit) Write() ([]string, error) {
	if _, problems := e.Project(); problems != nil {
		return nil, problems
	}
	written := []string{}
	for _, file := range slices.Sorted(maps.Keys(e.files)) {
		changed, err := e.write(file)
		if err != nil {
			return written, err
		}
		if changed {
			written = append(written, file)
		}
	}
	return written, nil
}

// write reports whether the file was not there, or was another.
func (e *Edit) write(file string) (bool, error) {
	path, mode := e.path(file), fs.FileMode(0o644)
	switch target, err := filepath.EvalSymlinks(path); {
	case err == nil:
		info, err := os.Stat(target)
		if err != nil {
			return false, err
		}
		before, err := os.ReadFile(target)
		if err != nil || string(before) == string(e.files[file]) {
			return false, err
		}
		path, mode = target, info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	default:
		if err := durable.MakeDirectory(filepath.Dir(path), 0o755); err != nil {
			return false, err
		}
	}
	return true, durable.Replace(path, e.files[file], mode)
}
