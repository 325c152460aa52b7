package reload

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// keeper keeps the last known good bundle in a directory, as these files:
//
//	payload-<SHA-256>         the raw payload
//	core-<SHA-256>            its core.wasm, if that is not the program's own
//	manifest-<SHA-256>.json   the envelope of the manifest that names both
//	current                   the name of the manifest file
//
// They are written in this order, each durable before the next. So current always refers to
// complete files, also after a crash. Disks can still corrupt data, so the files are verified like
// those of the source when they are read.
type keeper struct {
	directory string // "" keeps nothing
	disk      durable.Disk
}

const (
	keeperDirectory = "bundle" // below Config.StateDir

	currentName    = "current"
	payloadPrefix  = "payload-"
	corePrefix     = "core-"
	manifestPrefix = "manifest-"

	// maxCurrentSize bounds the file current, in bytes. A name is shorter.
	maxCurrentSize = 256

	stateDirectoryMode = 0o755
	stateFileMode      = 0o644
)

var manifestFile = regexp.MustCompile(`^` + manifestPrefix + `[0-9a-f]{64}\.json\n$`)

func newKeeper(directory string, disk durable.Disk) (keeper, error) {
	if directory == "" {
		return keeper{}, nil
	}
	directory, err := filepath.Abs(filepath.Join(directory, keeperDirectory))
	if err != nil {
		return keeper{}, err
	}
	return keeper{directory, disk}, durable.MakeDirectory(directory, stateDirectoryMode)
}

// write keeps b in place of the bundle before.
func (k keeper) write(b *bundle.Bundle) error {
	if k.directory == "" {
		return nil
	}
	m := b.Manifest
	payload := payloadPrefix + b.Raw().SHA256.String()
	manifest := manifestPrefix + bundle.HashOf(b.Envelope).String() + ".json"
	files := []string{payload, manifest}
	if _, err := k.readPayload(m, b.Application); err != nil { // a heartbeat changes only the manifest
		if err := k.replace(payload, b.Payload); err != nil {
			return err
		}
	}
	if b.Core != nil {
		core := corePrefix + m.Core.SHA256.String()
		files = append(files, core)
		if kept, err := k.readCore(m); err != nil || kept == nil {
			if err := k.replace(core, b.Core); err != nil {
				return err
			}
		}
	}
	if err := k.replace(manifest, b.Envelope); err != nil {
		return err
	}
	if err := k.replace(currentName, []byte(manifest+"\n")); err != nil {
		return err
	}
	return k.removeAllBut(files...)
}

func (k keeper) replace(name string, data []byte) error {
	return k.disk.Replace(filepath.Join(k.directory, name), data, stateFileMode)
}

// removeAllBut removes the files of earlier bundles and of interrupted writes.
func (k keeper) removeAllBut(keep ...string) error {
	files, err := os.ReadDir(k.directory)
	if err != nil {
		return err
	}
	for _, f := range files {
		name := f.Name()
		ours := strings.HasPrefix(name, payloadPrefix) || strings.HasPrefix(name, corePrefix) ||
			strings.HasPrefix(name, manifestPrefix) || durable.IsTemporary(name)
		if !ours || slices.Contains(keep, name) {
			continue
		}
		err = errors.Join(err, k.disk.Remove(filepath.Join(k.directory, name)))
	}
	return err
}

// read returns the bundle that is kept, and its manifest. If the payload is unusable or belongs to
// another application, it returns an error and only the manifest, which still bounds the revisions
// to accept. If the core is unusable, it returns an error and the bundle without the core. If
// nothing is kept, all results are nil.
func (k keeper) read(trust bundle.Verifier, environment, application string) (*bundle.Bundle, *bundle.Manifest, error) {
	if k.directory == "" {
		return nil, nil, nil
	}
	current, err := k.readFile(currentName, maxCurrentSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if !manifestFile.Match(current) {
		return nil, nil, fmt.Errorf("%s does not name a manifest", filepath.Join(k.directory, currentName))
	}
	envelope, err := k.readFile(strings.TrimSpace(string(current)), bundle.MaxEnvelopeSize)
	if err != nil {
		return nil, nil, err
	}
	m, err := trust.VerifyManifest(envelope)
	if err == nil {
		err = m.CheckUsable(environment)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the bundle kept in %s: %w", k.directory, err)
	}
	payload, err := k.readPayload(m, application)
	if err != nil {
		return nil, m, err
	}
	core, err := k.readCore(m)
	return &bundle.Bundle{Manifest: m, Envelope: envelope, Application: application, Payload: payload, Core: core}, m, err
}

func (k keeper) readPayload(m *bundle.Manifest, application string) ([]byte, error) {
	p, err := m.PayloadOf(application)
	if err != nil {
		return nil, err
	}
	name := payloadPrefix + p.Raw.SHA256.String()
	payload, err := k.readFile(name, p.Raw.Size)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: the payload was deleted, or belongs to another application", err)
	}
	if err != nil {
		return nil, err
	}
	if err := p.Check(payload); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return payload, nil
}

// readCore returns the core that a manifest names, or nil if it is not kept. The program's own core
// never is.
func (k keeper) readCore(m *bundle.Manifest) ([]byte, error) {
	name := corePrefix + m.Core.SHA256.String()
	core, err := k.readFile(name, m.Core.Size)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = m.Core.Check(core)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return core, nil
}

func (k keeper) readFile(name string, limit int64) ([]byte, error) {
	return readFile(filepath.Join(k.directory, name), limit)
}

// readFile reads at most one byte more than limit of a file.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}
