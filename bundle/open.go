package bundle

import "context"

// Bundle is a verified revision.
type Bundle struct {
	Manifest *Manifest
	Envelope []byte // the manifest as it was signed
	Payload  []byte // raw, of the application

	// Application is the one whose payload it is; empty for that of all of them.
	Application string

	// Core is the core.wasm that the manifest names, where it is not the one that the
	// program brings and could be had; nil otherwise. Open does not fetch it.
	Core []byte
}

// Raw is what the manifest says of the raw payload; the zero value if it does not have the
// application.
func (b *Bundle) Raw() Digest {
	p, err := b.Manifest.PayloadOf(b.Application)
	if err != nil {
		return Digest{}
	}
	return p.Raw
}

// Open verifies the envelope of a manifest, and fetches the whole payload from src.
//
// Open does not look at the clock or at the revision: an expired or old bundle is a
// valid bundle. Errors are those of Root.VerifyManifest, ErrEnvironment, ErrSchema, and
// those of Fetch.
func Open(ctx context.Context, src Source, trust Verifier, envelope []byte, environment string) (*Bundle, error) {
	return OpenApplication(ctx, src, trust, envelope, environment, "")
}

// OpenApplication is Open with the payload of an application: see Manifest.PayloadOf, whose
// error it may return too.
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
