package engines

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// rootName is the name of the root in a bucket.
var rootName = bundle.RootName(1)

// validity is how long the bundles of the benchmark are valid.
const validity = 24 * time.Hour

// Sizes are the sizes of a bundle in bytes.
type Sizes struct {
	Raw, Gzip, Zstd int64
	Compile         time.Duration
}

// Publish compiles the workload and writes it to a directory as a signed bundle of a revision.
func Publish(w *workload.Workload, revision uint64, directory string) (Sizes, error) {
	start := time.Now()
	raw, err := compile.Payload(Program(w))
	if err != nil {
		return Sizes{}, err
	}
	took := time.Since(start)
	now := time.Now()
	key := bundle.KeyFromSeed([32]byte{1})
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	root, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(validity), holders, holders), key)
	if err != nil {
		return Sizes{}, err
	}
	sealed, err := bundle.Seal(bundle.Manifest{
		Environment: environment, Epoch: 1, Revision: revision, Created: now, Expires: now.Add(validity),
		MinimumSchema: payload.Schema, Core: bundle.CoreOf(wasm.Core, abi.Version),
	}, raw, key)
	if err != nil {
		return Sizes{}, err
	}
	objects := append(sealed.Objects,
		bundle.NamedObject{Name: rootName, Data: root},
		bundle.NamedObject{Name: sealed.Manifest.Name(), Data: sealed.Envelope},
		bundle.NamedObject{Name: bundle.LatestName, Data: sealed.Envelope})
	for _, o := range objects {
		name := filepath.Join(directory, filepath.FromSlash(o.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return Sizes{}, err
		}
		if err := os.WriteFile(name, o.Data, 0o644); err != nil {
			return Sizes{}, err
		}
	}
	// Contestants that do not read the manifest use these: the payload, and the core of this run.
	for name, data := range map[string][]byte{"payload.gz": sealed.Objects[0].Data, "core.wasm": wasm.Core} {
		if err := os.WriteFile(filepath.Join(directory, name), data, 0o644); err != nil {
			return Sizes{}, err
		}
	}
	d := sealed.Manifest.Payload
	return Sizes{Raw: d.Raw.Size, Gzip: d.Gzip.Size, Zstd: d.Zstd.Size, Compile: took}, nil
}

// memory is a bucket in memory.
type memory map[string][]byte

func readBucket(directory string) (memory, error) {
	objects := memory{}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		objects[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	return objects, err
}

// Get implements bundle.Source.
func (m memory) Get(_ context.Context, name, _ string, limit int64) (bundle.Object, error) {
	data, ok := m[name]
	if !ok {
		return bundle.Object{}, bundle.ErrNotFound
	}
	if int64(len(data)) > limit {
		return bundle.Object{}, bundle.ErrTooLarge
	}
	return bundle.Object{Data: data}, nil
}

func idHashes(ids []string) []uint64 {
	hashes := make([]uint64, len(ids))
	for i, id := range ids {
		hashes[i] = assign.IDHash(id)
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
}
