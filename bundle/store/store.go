// Package store keeps the objects of a bucket: on S3-compatible object storage or in a
// directory.
//
// A store is not trusted with what it holds: bundles are signed. It is trusted with one
// promise, that of two calls of Create for one name at most one succeeds, because that
// is what makes a revision have one content.
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

// Store holds objects by name. Names are relative, slash-separated paths (see
// CheckName). Every method is safe for concurrent use, and none returns success before
// the change is durable.
type Store interface {
	bundle.Source

	// Put writes an object, in place of one that may be there. Readers see the old one
	// or the new one, whole.
	Put(ctx context.Context, name string, data []byte) error

	// Create writes a new object. If there is one of that name already, it stays as it
	// is and the error is ErrExists. Because a store may do what it is told and fail to
	// say so, and because requests are repeated, ErrExists can mean the caller's own
	// object, and any other error can mean that the object was created after all. Get
	// tells.
	Create(ctx context.Context, name string, data []byte) error

	// List yields the objects whose names begin with prefix, which may end anywhere in
	// a name, in the byte order of the names. After an error it yields nothing more.
	List(ctx context.Context, prefix string) iter.Seq2[Entry, error]

	// Delete removes an object. To remove one that is not there is no error.
	Delete(ctx context.Context, name string) error
}

// Entry is what a list says of an object.
type Entry struct {
	Name     string
	Size     int64 // bytes
	Modified time.Time
}

// ErrExists says that Create found an object of that name.
var ErrExists = errors.New("object exists already")

// MaxNameLength is the length of an object's name in bytes. S3 allows 1,024 for name
// and prefix together.
const MaxNameLength = 512

// Open returns the store at a URL:
//
//	s3://bucket/prefix?endpoint=http://127.0.0.1:9000&region=us-east-1
//	file:///absolute/directory
//	directory
//
// The parameters of an S3 URL are optional: see S3Config. Open makes no request: a
// bucket need not be reachable, nor a directory exist.
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

// CheckName checks the name of an object: one or more segments of letters, digits and
// the characters . _ = and -, separated by slashes. No segment begins with a dot.
func CheckName(name string) error {
	if len(name) > MaxNameLength {
		return fmt.Errorf("an object's name has at most %d bytes, this one has %d", MaxNameLength, len(name))
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" || segment[0] == '.' {
			return fmt.Errorf("object name %q has a segment that is empty or begins with a dot", name)
		}
	}
	return checkCharacters(name)
}

// checkPrefix checks the beginning of a name.
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
