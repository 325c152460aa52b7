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

// Source reads the objects of a bucket. A source is not trusted: whatever it returns
// is verified. It is safe for concurrent use.
type Source interface {
	// Get reads the object called name, whole.
	//
	// If etag is not empty and the object still has it, Get returns ErrNotModified. If
	// there is no such object it returns ErrNotFound, and if the object is longer than
	// limit bytes ErrTooLarge, after reading at most limit+1 bytes. Any other error
	// means that the source could not answer, and that asking again may help.
	Get(ctx context.Context, name, etag string, limit int64) (Object, error)
}

// Errors of a Source, to be recognised with errors.Is.
var (
	ErrNotFound    = errors.New("no such object")
	ErrNotModified = errors.New("object not modified")
	ErrTooLarge    = errors.New("object is longer than allowed")
)

// Errors that say why something read from a source is refused, to be recognised with
// errors.Is. None of them passes by itself: the same bytes are refused again.
var (
	// ErrEnvelope: not a canonical signed envelope of the expected type.
	ErrEnvelope = errors.New("envelope refused")
	// ErrSignature: not signed by as many trusted keys as the root demands.
	ErrSignature = errors.New("signature refused")
	// ErrRoot: a signed root document with an invalid or non-canonical field.
	ErrRoot = errors.New("root refused")
	// ErrChain: a valid root that does not follow the one before.
	ErrChain = errors.New("root does not follow the one before")
	// ErrManifest: a signed manifest with an invalid or non-canonical field.
	ErrManifest = errors.New("manifest refused")
	// ErrEpoch: a valid manifest of an epoch that the root does not vouch for.
	ErrEpoch = errors.New("manifest is of another epoch")
	// ErrEnvironment: a valid manifest of another environment.
	ErrEnvironment = errors.New("manifest is for another environment")
	// ErrApplication: a valid manifest that has other applications.
	ErrApplication = errors.New("manifest has no such application")
	// ErrSchema: a valid manifest whose payload has a schema that this program cannot read.
	ErrSchema = errors.New("payload needs a newer reader")
	// ErrMismatch: a payload that is not the one that the manifest names.
	ErrMismatch = errors.New("payload is not the one that was signed")
)
