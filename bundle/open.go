package bundle

import "context"

// Bundle is a verified revision.
type Bundle struct {
	Manifest *Manifest
	Envelope []byte // the manifest as it was signed
	Payload  []byte // raw, of the application

	// Application is the application whose payload this is. It is empty for the payload of
	// all applications.
	Application string

	// Core is the core.wasm that the manifest names, if it is not the program's own and could
	// be fetched. Otherwise it is nil. [Open] does not fetch it.
	Core []byte
}

// Raw returns the hash and size of the raw payload. It returns the zero value if the manifest
// does not have the application.
func (b *Bundle) Raw() Digest {
	p, err := b.Manifest.PayloadOf(b.Application)
	if err != nil {
		return Digest{}
	}
	return p.Raw
}

// Open verifies the envelope of a manifest, and fetches the whole payload from src.
//
// Open checks neither expiry nor the revision's number: an expired or old bundle is valid. It
// returns the errors of [Root.VerifyManifest] and [Fetch], [ErrEnvironment] and [ErrSchema].
func Open(ctx context.Context, src Source, trust Verifier, envelope []byte, environment string) (*Bundle, error) {
	return OpenApplication(ctx, src, trust, envelope, environment, "")
}

// OpenApplication is like [Open], but fetches the payload that [Manifest.PayloadOf] returns
// for the application. It also returns the error of that.
func OpenApplication(ctx context.Context, src Source, trust Verifier, envelope []byte, environment, application string) (*Bundle, error) {
	m, err := trust.VerifyManifest(envelope)
	if err != nil {
		return nil, err
	}
	if err := m.CheckUsable(environment); err != nil {
		return nil, err
	}
	fetched, err := Fetch(ctx, src, m, application, nil)
	if err != nil {
		return nil, err
	}
	return &Bundle{Manifest: m, Envelope: envelope, Application: application, Payload: fetched.Payload}, nil
}
