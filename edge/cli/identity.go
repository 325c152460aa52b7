package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

const (
	hostIDName = "host-id" // in the state directory

	stateDirectoryMode = 0o755
	stateFileMode      = 0o644
)

// identityFlags say which host this is.
type identityFlags struct {
	id     string
	labels []string
}

func (f *identityFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.id, "host-id", "", "`id` of this host, from which canaries are drawn (default: a random one, kept in --state-dir)")
	flags.StringArrayVar(&f.labels, "label", nil, "`name=value` that canaries can be narrowed to, for example region=eu; may be repeated")
}

func (f *identityFlags) read(stateDir string) (bundle.Identity, error) {
	labels := map[string]string{}
	for _, label := range f.labels {
		name, value, ok := strings.Cut(label, "=")
		if _, again := labels[name]; !ok || again {
			return bundle.Identity{}, fmt.Errorf("--label %q: want name=value, each name once", label)
		}
		labels[name] = value
	}
	i := bundle.Identity{ID: f.id, Labels: labels}
	if err := i.Check(); err != nil {
		return i, fmt.Errorf("--host-id, --label: %w", err)
	}
	if i.ID != "" {
		return i, nil
	}
	var err error
	if i.ID, err = keptID(stateDir); err != nil {
		return i, failed(fmt.Errorf("the host id in the state directory: %w; correct the file or use --host-id", err))
	}
	return i, nil
}

// keptID is the id that the state directory has, and a new one if it has none.
func keptID(stateDir string) (string, error) {
	fresh := strings.ToLower(rand.Text())
	if stateDir == "" {
		return fresh, nil
	}
	path := filepath.Join(stateDir, hostIDName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := durable.MakeDirectory(stateDir, stateDirectoryMode); err != nil {
			return "", err
		}
		return fresh, durable.Disk{}.Replace(path, []byte(fresh+"\n"), stateFileMode)
	}
	id := strings.TrimSuffix(string(data), "\n")
	return id, errors.Join(err, bundle.Identity{ID: id}.Check())
}
