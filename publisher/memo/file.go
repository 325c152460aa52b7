// Package memo keeps results of pure functions in a file, so that a program need not compute them
// again. Whoever keeps a result names in its key everything that the result follows from, except
// the program itself, which the file names: another build of the program reads none of them.
//
// A file that cannot be read, is damaged, cut off, too large, or of another build is as good as
// none. A file is replaced as a whole, so that of several writers the last one wins, and a reader
// sees one or the other. A directory that cannot be written has no file. Nothing here fails.
//
// This package is internal to Sortition and may change without notice.
package memo

import (
	"encoding/binary"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/cespare/xxhash/v2"
)

const (
	// MaxSize is the largest size of a file in bytes. A larger one is neither written nor read.
	// Ten thousand experiments take about a tenth of it.
	MaxSize = 128 << 20

	// maxAge is the age at which temporary files are removed: their writers were killed.
	maxAge = time.Hour
)

// magic begins a file. The number is the version of what follows: the build, the checksum of the
// rest, and the tables.
const magic = "sortition memo 1\n"

const headerSize = len(magic) + buildSize + 8

// temporary is the pattern of the names of files that are being written.
const temporary = ".memo-*"

// Tables are the results in a file: by the name of a table and by key. Their strings are parts of
// one.
type Tables map[string]map[string]string

// Read returns the tables of a file, without any if there is no valid file of this build.
func Read(path string) Tables {
	build, known := thisBuild()
	if !known {
		return Tables{}
	}
	data := readAll(path)
	if len(data) < headerSize || string(data[:len(magic)]) != magic || string(data[len(magic):][:buildSize]) != build {
		return Tables{}
	}
	body := data[headerSize:]
	if binary.LittleEndian.Uint64(data[headerSize-8:]) != xxhash.Sum64(body) {
		return Tables{}
	}
	tables, ok := parse(unsafe.String(unsafe.SliceData(body), len(body))) // nobody writes to it
	if !ok {
		return Tables{}
	}
	return tables
}

// readAll returns nil if a file cannot be read, or is too large.
func readAll(path string) []byte {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || info.Size() > MaxSize {
		return nil
	}
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil
	}
	return data
}

func parse(body string) (Tables, bool) {
	d := decoder{data: body}
	tables := Tables{}
	for d.data != "" {
		name, count := d.bytes(d.uint()), d.uint()
		if count > uint64(len(d.data)) {
			return nil, false
		}
		table := make(map[string]string, count)
		for range count {
			key := d.bytes(d.uint())
			table[key] = d.bytes(d.uint())
		}
		tables[name] = table
	}
	return tables, !d.failed
}

// Write replaces the tables of a file, and makes its directory if its parent is there. The
// directory gets a file .gitignore that keeps all of it out of version control.
func Write(path string, tables Tables) {
	build, known := thisBuild()
	if !known {
		return
	}
	size := headerSize
	for _, table := range tables {
		for key, value := range table {
			size += len(key) + len(value) + 2*binary.MaxVarintLen32
		}
	}
	if size > MaxSize {
		return
	}
	data := append(append(append(make([]byte, 0, size+1<<10), magic...), build...), make([]byte, 8)...)
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		data = appendText(data, name)
		data = binary.AppendUvarint(data, uint64(len(tables[name])))
		for _, key := range slices.Sorted(maps.Keys(tables[name])) {
			data = appendText(data, key)
			data = appendText(data, tables[name][key])
		}
	}
	binary.LittleEndian.PutUint64(data[headerSize-8:], xxhash.Sum64(data[headerSize:]))
	directory := filepath.Dir(path)
	if !prepare(directory) {
		return
	}
	_ = replace(directory, path, data) // without it, the next reader computes everything again
}

func appendText(data []byte, s string) []byte {
	return append(binary.AppendUvarint(data, uint64(len(s))), s...)
}

// replace writes a file beside path and renames it. It does not sync: of a file that a crash cut
// off, the checksum is wrong.
func replace(directory, path string, data []byte) error {
	f, err := os.CreateTemp(directory, temporary)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// ignore is the content of the directory's .gitignore.
const ignore = "# Kept results of publisher; safe to delete.\n*\n"

// prepare makes the directory with its .gitignore, and removes what killed writers left. It
// reports whether the directory can be used. A checkout may have anything in its place: a link,
// which could lead out of the project, is not followed, and no file is overwritten.
func prepare(directory string) bool {
	for _, d := range []string{filepath.Dir(directory), directory} {
		if err := os.Mkdir(d, 0o755); err != nil && !os.IsExist(err) {
			return false
		}
		if info, err := os.Lstat(d); err != nil || !info.IsDir() {
			return false
		}
	}
	if f, err := os.OpenFile(filepath.Join(directory, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err == nil {
		_, err = f.WriteString(ignore)
		if closed := f.Close(); err != nil || closed != nil {
			return false
		}
	} else if !os.IsExist(err) {
		return false
	}
	entries, _ := os.ReadDir(directory)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode()&fs.ModeType == 0 && strings.HasPrefix(e.Name(), strings.TrimSuffix(temporary, "*")) && time.Since(info.ModTime()) > maxAge {
			_ = os.Remove(filepath.Join(directory, e.Name()))
		}
	}
	return true
}
