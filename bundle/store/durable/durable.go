// Package durable writes files that are either complete or absent after a crash.
//
// Each function returns after the bytes and the name are on stable storage. It writes and syncs
// a temporary file in the same directory, renames it, and syncs the directory. A crash may leave
// a temporary file behind; see [IsTemporary].
//
// This package is internal to Sortition and may change without notice.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const temporaryPrefix = ".tmp-"

// IsTemporary reports whether base is the base name of a temporary file.
func IsTemporary(base string) bool { return strings.HasPrefix(base, temporaryPrefix) }

// Replace writes a file and replaces an existing one.
func Replace(path string, data []byte, mode fs.FileMode) error {
	return Disk{}.Replace(path, data, mode)
}

// Replace is like the function [Replace], on this disk.
func (d Disk) Replace(path string, data []byte, mode fs.FileMode) error {
	temporary, err := d.writeTemporary(path, data, mode)
	if err != nil {
		return err
	}
	if err := d.do(OpName, path, func() error { return os.Rename(temporary, path) }); err != nil {
		return errors.Join(err, d.Remove(temporary))
	}
	return d.syncDirectory(filepath.Dir(path))
}

// Create writes a new file. If the file exists, Create does not change it, and the error is
// [fs.ErrExist]. Of several concurrent calls for one path, exactly one succeeds. The file system
// must support hard links.
func Create(path string, data []byte, mode fs.FileMode) error {
	var d Disk
	temporary, err := d.writeTemporary(path, data, mode)
	if err != nil {
		return err
	}
	// A link never replaces a file, unlike a rename, and the new file is complete, unlike one
	// that is opened with O_EXCL.
	err = os.Link(temporary, path)
	if err = errors.Join(err, os.Remove(temporary)); err != nil {
		return err
	}
	return d.syncDirectory(filepath.Dir(path))
}

// MakeDirectory creates a directory and its missing parents.
func MakeDirectory(path string, mode fs.FileMode) error {
	switch info, err := os.Stat(path); {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("%s is a file, not a directory", path)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	parent := filepath.Dir(path)
	if err := MakeDirectory(parent, mode); err != nil {
		return err
	}
	if err := os.Mkdir(path, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return Disk{}.syncDirectory(parent)
}

func (d Disk) writeTemporary(path string, data []byte, mode fs.FileMode) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), temporaryPrefix)
	if err != nil {
		return "", err
	}
	err = d.write(f, path, data)
	err = errors.Join(err, f.Chmod(mode), d.do(OpSync, path, f.Sync), f.Close())
	if err != nil {
		return "", errors.Join(err, d.Remove(f.Name()))
	}
	return f.Name(), nil
}

// syncDirectory makes the names in a directory durable. Windows needs no such call, and has
// none.
func (d Disk) syncDirectory(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.do(OpSyncDirectory, path, directory.Sync), directory.Close())
}
