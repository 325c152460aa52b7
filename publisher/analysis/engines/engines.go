// Package engines opens the engine that reads the events of a bucket. It links the
// databases; what imports it needs a C compiler.
//
// This package is internal to Sortition and may change without notice.
package engines

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/duckdb"
	"github.com/sortition-dev/sortition/publisher/analysis/mirror"
)

// Options say how an engine is opened.
type Options struct {
	// Cache is the directory to keep event files in. If it is empty, that is a directory
	// for the bucket in the user's cache directory.
	Cache string

	// Progress is told how far fetching has come. It may be nil; it is never called
	// twice at once.
	Progress func(mirror.Progress)
}

// cacheNameLength is how many hex digits of the hash of a bucket's URL name the
// directory that its event files are kept in.
const cacheNameLength = 16

// Open fetches the event files of the bucket at a URL that are not in the cache yet, and
// opens DuckDB on them.
func Open(ctx context.Context, bucket string, o Options) (analysis.Engine, error) {
	dir, err := o.cache(bucket)
	if err != nil {
		return nil, err
	}
	source, err := store.Open(ctx, bucket)
	if err != nil {
		return nil, fmt.Errorf("bucket: %w", err)
	}
	m := &mirror.Mirror{Source: source, Dir: dir, Progress: o.Progress}
	files, err := m.Update(ctx)
	if err != nil {
		return nil, err
	}
	engine, err := duckdb.Open(duckdb.Files(files))
	if err != nil {
		return nil, err
	}
	return engine, nil
}

func (o *Options) cache(bucket string) (string, error) {
	if o.Cache != "" {
		return filepath.Abs(o.Cache)
	}
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: name a directory for event files with --cache", err)
	}
	return filepath.Join(caches, "sortition", "events", bundle.HashOf([]byte(bucket)).String()[:cacheNameLength]), nil
}
