// Package store reads and writes the objects of a bucket, on S3-compatible object storage or in
// a directory.
//
// Hosts and publishers do not trust a store with the content of objects: bundles are signed.
// They rely on one promise: of several calls of [Store.Create] for one name, at most one
// succeeds. So a revision has only one content.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// Store holds objects by name. Names are relative, slash-separated paths; see [CheckName].
// Methods are safe for concurrent use, and return success only after a change is durable.
type Store interface {
	bundle.Source

	// Put writes an object and replaces an existing one. Readers see either the old object
	// or the new one, never a mix.
	Put(ctx context.Context, name string, data []byte) error

	// Create writes a new object. If an object of that name exists, Create does not change
	// it, and the error is [ErrExists]. A response can get lost, and the client may then
	// repeat the request. So ErrExists may refer to the object of this very call, and after
	// any other error the object may exist. Use Get to find out.
	Create(ctx context.Context, name string, data []byte) error

	// List yields the objects whose names begin with prefix, in the byte order of their
	// names. The prefix may end within a segment. List ends after an error.
	List(ctx context.Context, prefix string) iter.Seq2[Entry, error]

	// Delete removes an object. It is not an error if the object does not exist.
	Delete(ctx context.Context, name string) error
}

// Entry describes an object in a listing.
type Entry struct {
	Name     string
	Size     int64 // bytes
	Modified time.Time
}

// ErrExists is the error of [Store.Create] if an object of that name exists.
var ErrExists = errors.New("object exists already")

// MaxNameLength is the largest length of an object's name in bytes. S3 allows 1,024 for prefix
// and name together.
const MaxNameLength = 512

// Open returns the store at a URL:
//
//	s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1
//	file:///absolute/directory
//	directory
//
// The parameters of an S3 URL are optional; see [S3Config]. Open makes no request. The bucket
// need not be reachable, and the directory need not exist.
func Open(_ context.Context, location string) (Store, error) {
	scheme, _, found := strings.Cut(location, "://")
	switch {
	case location == "":
		return nil, errors.New("the store has no location: give s3://bucket/prefix, file:///directory or a directory")
	case !found:
		return NewDir(location)
	case scheme == "s3":
		c, err := ParseS3URL(location)
		if err != nil {
			return nil, err
		}
		return NewS3(c)
	case scheme == "file":
		u, err := url.Parse(location)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		if u.Host != "" || u.RawQuery != "" || u.Fragment != "" || !strings.HasPrefix(u.Path, "/") {
			return nil, fmt.Errorf("store: %s must be of the form file:///absolute/directory", location)
		}
		return NewDir(filepath.FromSlash(u.Path))
	}
	return nil, fmt.Errorf("store: %s has the scheme %q; only s3 and file are known", location, scheme)
}

// CheckName checks the name of an object: segments that are separated by slashes and consist of
// letters, digits and the characters . _ = and -. No segment is empty or begins with a dot.
func CheckName(name string) error {
	if len(name) > MaxNameLength {
		return fmt.Errorf("object name: has %d bytes; the limit is %d", len(name), MaxNameLength)
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" || segment[0] == '.' {
			return fmt.Errorf("object name %q has a segment that is empty or begins with a dot", name)
		}
	}
	return checkCharacters(name)
}

// checkPrefix checks that a prefix can be the start of a name.
func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return CheckName(strings.TrimSuffix(prefix, "/"))
}

func checkCharacters(name string) error {
	for _, c := range []byte(name) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && !strings.ContainsRune("._=-/", rune(c)) {
			return fmt.Errorf("object name %q has the character %q; letters, digits and . _ = - are allowed", name, c)
		}
	}
	return nil
}

// fail yields an error and nothing else.
func fail(err error) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) { yield(Entry{}, err) }
}
