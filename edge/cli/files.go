package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/reload"
)

// maxKeyFile bounds a file of keys, in bytes.
const maxKeyFile = 64 << 10

// readFile reads a file of at most limit bytes that a flag names.
func readFile(flag, path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("--%s: %s is larger than %d bytes", flag, path, limit)
	}
	return data, nil
}

// readKeys reads the keys in a file: one a line, at least one. A key has no white space.
func readKeys(flag, path string) ([]string, error) {
	data, err := readFile(flag, path, maxKeyFile)
	if err != nil {
		return nil, err
	}
	keys := strings.Fields(string(data))
	if len(keys) == 0 {
		return nil, fmt.Errorf("--%s: %s is empty", flag, path)
	}
	return keys, nil
}

// openSource returns where bundles are read: a web server in front of a bucket, or the
// bucket itself.
func openSource(ctx context.Context, url string) (bundle.Source, error) {
	if strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://") {
		source, err := reload.NewHTTPSource(url, nil)
		if err != nil {
			return nil, fmt.Errorf("--bucket: %w", err)
		}
		return source, nil
	}
	s, err := store.Open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("--bucket: %w", err)
	}
	return s, nil
}
