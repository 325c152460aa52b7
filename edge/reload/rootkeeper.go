package reload

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// rootKeeper keeps the roots after Config.Root in a directory, root n in the file n.json. Each is
// durable before the next is written. They are verified like those of the source when they are
// read.
type rootKeeper struct {
	directory string // "" keeps nothing
	disk      durable.Disk
}

// rootsDirectory is below Config.StateDir.
const rootsDirectory = "roots"

var rootFile = regexp.MustCompile(`^([1-9][0-9]{0,15})\.json$`)

func newRootKeeper(directory string, disk durable.Disk) (rootKeeper, error) {
	if directory == "" {
		return rootKeeper{}, nil
	}
	directory, err := filepath.Abs(filepath.Join(directory, rootsDirectory))
	if err != nil {
		return rootKeeper{}, err
	}
	return rootKeeper{directory, disk}, durable.MakeDirectory(directory, stateDirectoryMode)
}

func (k rootKeeper) path(version uint64) string {
	return filepath.Join(k.directory, strconv.FormatUint(version, 10)+".json")
}

// write keeps one more root. It removes roots beyond newest, which belong to a chain from another
// root, and temporary files of interrupted writes.
func (k rootKeeper) write(version uint64, envelope []byte, newest uint64) error {
	if k.directory == "" {
		return nil
	}
	if err := k.disk.Replace(k.path(version), envelope, stateFileMode); err != nil {
		return err
	}
	files, err := os.ReadDir(k.directory)
	for _, f := range files {
		kept, ok := rootVersion(f.Name())
		if durable.IsTemporary(f.Name()) || ok && kept > max(version, newest) {
			err = errors.Join(err, os.Remove(filepath.Join(k.directory, f.Name())))
		}
	}
	return err
}

// read returns the chain of the valid roots after the given one, and the version of the newest root
// that is kept. That is beyond the chain if a file is missing or damaged. It is 0 if the files
// belong to a chain from another root.
func (k rootKeeper) read(given *bundle.Root) (chain *bundle.Chain, newest uint64, err error) {
	chain = bundle.NewChain(given)
	if k.directory == "" {
		return chain, 0, nil
	}
	versions, err := k.versions(given.Version)
	if err != nil || len(versions) == 0 {
		return chain, 0, err
	}
	newest = versions[len(versions)-1]
	for _, version := range versions {
		if missing := chain.Root().Version + 1; version != missing {
			return chain, newest, fmt.Errorf("%s is missing", k.path(missing))
		}
		envelope, err := readFile(k.path(version), bundle.MaxEnvelopeSize)
		if err != nil {
			return chain, newest, err
		}
		extended, err := chain.Extend(envelope)
		if _, damaged := bundle.ParseRoot(envelope); damaged != nil {
			return chain, newest, fmt.Errorf("%s: %w", k.path(version), damaged)
		}
		if err != nil {
			return chain, 0, fmt.Errorf("%s belongs to a host with another root: %w", k.path(version), err)
		}
		chain = extended
	}
	return chain, newest, nil
}

// versions returns the versions above the given one that are kept, ascending.
func (k rootKeeper) versions(above uint64) ([]uint64, error) {
	files, err := os.ReadDir(k.directory)
	var versions []uint64
	for _, f := range files {
		if version, ok := rootVersion(f.Name()); ok && version > above {
			versions = append(versions, version)
		}
	}
	slices.Sort(versions)
	return versions, err
}

// rootVersion returns the version of the root that a file holds, by the file's name.
func rootVersion(file string) (version uint64, ok bool) {
	match := rootFile.FindStringSubmatch(file)
	if match == nil {
		return 0, false
	}
	version, err := strconv.ParseUint(match[1], 10, 64)
	return version, err == nil
}
