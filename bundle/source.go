package bundle

import (
	"context"
	"errors"
)

// Object is one object of a bucket.
type Object struct {
	Data []byte
	ETag string // opaque; empty if the source has none
}

// Source reads the objects of a bucket. A source is not trusted: what it returns is
// verified. It is safe for concurrent use.
type Source interface {
	// Get returns the whole object of this name.
	//
	// If etag is not empty and is still the object's, Get returns [ErrNotModified]. If there
	// is no such object it returns [ErrNotFound]. If the object is longer than limit bytes it
	// returns [ErrTooLarge], after reading at most limit+1 bytes. Any other error means that
	// the source could not answer, and that a later call may succeed.
	Get(ctx context.Context, name, etag string, limit int64) (Object, error)
}

// Errors of a [Source]. Compare with [errors.Is].
var (
	ErrNotFound    = errors.New("no such object")
	ErrNotModified = errors.New("object not modified")
	ErrTooLarge    = errors.New("object is longer than allowed")
)

// Errors that say why something from a source was refused. Compare with [errors.Is]. They are
// permanent: the same bytes are refused again.
var (
	// ErrEnvelope: not a canonical signed envelope of the expected type.
	ErrEnvelope = errors.New("envelope refused")
	// ErrSignature: signed by fewer trusted keys than the root requires.
	ErrSignature = errors.New("signature refused")
	// ErrRoot: a signed root document with an invalid or non-canonical field.
	ErrRoot = errors.New("root refused")
	// ErrChain: a valid root that does not follow the previous root.
	ErrChain = errors.New("root does not follow the one before")
	// ErrManifest: a signed manifest with an invalid or non-canonical field.
	ErrManifest = errors.New("manifest refused")
	// ErrEpoch: a valid manifest of an epoch other than the root's.
	ErrEpoch = errors.New("manifest is of another epoch")
	// ErrEnvironment: a valid manifest of another environment.
	ErrEnvironment = errors.New("manifest is for another environment")
	// ErrApplication: a valid manifest that has only other applications.
	ErrApplication = errors.New("manifest has no such application")
	// ErrSchema: a valid manifest whose payload has a schema that this program cannot read.
	ErrSchema = errors.New("payload needs a newer reader")
	// ErrMismatch: bytes that are not those whose hash and size were signed.
	ErrMismatch = errors.New("payload is not the one that was signed")
)
