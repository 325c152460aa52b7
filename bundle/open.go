package bundle

import "context"

// Bundle is a verified revision.
type Bundle struct {
	Manifest *Manifest
	Envelope []byte // the manifest as it was signed
	Payload  []byte // raw

	// Core is the core.wasm that the manifest names, where it is not the one that the
	// program brings and could be had; nil otherwise. Open does not fetch it.
	Core []byte
}

// Open verifies the envelope of a manifest, and fetches the payload it names from src.
//
// Open does not look at the clock or at the revision: an expired or old bundle is a
// valid bundle. Errors are those of Root.VerifyManifest, ErrEnvironment, ErrSchema, and
// those of Fetch.
func Open(ctx context.Context, src Source, trust Verifier, envelope []byte, environment string) (*Bundle, error) {
	m, err := trust.VerifyManifest(envelope)
	if err != nil {
		return nil, err
	}
	if err := m.CheckUsable(environment); err != nil {
		return nil, err
	}
	fetched, err := Fetch(ctx, src, m, nil)
	if err != nil {
		return nil, err
	}
	return &Bundle{Manifest: m, Envelope: envelope, Payload: fetched.Payload}, nil
}
