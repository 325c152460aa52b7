package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Root says which keys to trust, and how many of them must sign a root or a manifest. An
// operator gives each host a first root. Hosts read everything else from a source that they do
// not trust.
type Root struct {
	// Version counts roots, from 1.
	Version uint64 `json:"version"`
	// Previous is the [Root.Hash] of the previous root; zeros in the first root.
	Previous Hash `json:"previous"`
	// Epoch counts from 1. A manifest has the epoch of its root, and a higher epoch is newer
	// than any revision of a lower one. So a root with the next epoch outdates every
	// revision that the thief of a key published.
	Epoch uint64 `json:"epoch"`
	// Base is the last valid revision of earlier epochs, 0 if there is none. The first
	// revision of this epoch is Base+1; it continues the allocations of Base.
	Base    uint64    `json:"base"`
	Created time.Time `json:"created"`
	// Expires is when hosts report decisions under this root as stale.
	Expires time.Time `json:"expires"`
	Keys    []RootKey `json:"keys"` // in ascending order of id
	Roles   Roles     `json:"roles"`
}

// RootKey is a key that a root's roles refer to by id.
type RootKey struct {
	ID     Hash      `json:"id"`
	Scheme string    `json:"scheme"` // SchemeEd25519
	Public PublicKey `json:"public"`
}

// SchemeEd25519 is the one signature scheme.
const SchemeEd25519 = "ed25519"

// Roles says which keys sign which documents.
type Roles struct {
	Root    Role `json:"root"`    // this root and the next
	Publish Role `json:"publish"` // manifests
}

// Role is a set of keys. At least Threshold distinct ones must sign.
type Role struct {
	Threshold int    `json:"threshold"`
	Keys      []Hash `json:"keys"` // in ascending order
}

// Holders are the public keys of a role. At least Threshold distinct ones must sign.
type Holders struct {
	Threshold int
	Keys      []PublicKey
}

// NewRoot returns a root document to sign. A key may hold both roles. To make a root that
// follows another, use [Root.Next].
func NewRoot(version, epoch uint64, created, expires time.Time, root, publish Holders) Root {
	r := Root{
		Version: version, Epoch: epoch,
		Created: wholeSeconds(created), Expires: wholeSeconds(expires),
	}
	for _, key := range slices.Concat(root.Keys, publish.Keys) {
		if !slices.ContainsFunc(r.Keys, func(k RootKey) bool { return k.Public == key }) {
			r.Keys = append(r.Keys, RootKey{key.ID(), SchemeEd25519, key})
		}
	}
	slices.SortFunc(r.Keys, func(a, b RootKey) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	r.Roles = Roles{Root: root.role(), Publish: publish.role()}
	r.complete()
	return r
}

// Holders returns the holders of a role of the root.
func (r *Root) Holders(role Role) Holders {
	h := Holders{Threshold: role.Threshold}
	for _, k := range r.Keys {
		if slices.Contains(role.Keys, k.ID) {
			h.Keys = append(h.Keys, k.Public)
		}
	}
	return h
}

// Hash returns the SHA-256 of the document without its signatures.
func (r *Root) Hash() Hash {
	document, err := encodeCanonical(r)
	if err != nil {
		panic(err) // nothing in a Root fails to encode
	}
	return HashOf(document)
}

func (h Holders) role() Role {
	ids := make([]Hash, len(h.Keys))
	for i, key := range h.Keys {
		ids[i] = key.ID()
	}
	slices.SortFunc(ids, func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
	return Role{h.Threshold, ids}
}

// SignRoot returns the signed envelope of a root. The signers must satisfy its root role.
func SignRoot(r Root, signers ...Signer) ([]byte, error) {
	d, err := NewDraft(r)
	if err != nil {
		return nil, err
	}
	if err := d.Sign(signers...); err != nil {
		return nil, err
	}
	sealed, err := d.Envelope()
	if err != nil {
		return nil, err
	}
	if _, err := ParseRoot(sealed); err != nil {
		return nil, err
	}
	return sealed, nil
}

// ParseRoot reads the envelope of a root and verifies the signatures of the root's own keys.
// That proves that the root is complete, not that it can be trusted: the caller must have it
// from a trusted place.
//
// Errors are [ErrEnvelope], [ErrRoot] or [ErrSignature].
func ParseRoot(data []byte) (*Root, error) {
	r, _, err := openRoot(data)
	return r, err
}

// openRoot does what ParseRoot does, and also returns the envelope.
func openRoot(data []byte) (*Root, *envelope, error) {
	e, err := openEnvelope(data, RootType)
	if err != nil {
		return nil, nil, fmt.Errorf("root: %w", err)
	}
	r, err := decodeRoot(e.Payload)
	if err != nil {
		return nil, nil, err
	}
	if err := e.verify(r.Holders(r.Roles.Root)); err != nil {
		return nil, nil, fmt.Errorf("root %d: %w", r.Version, err)
	}
	return r, e, nil
}

// decodeRoot decodes a document and checks every field. Errors are ErrRoot.
func decodeRoot(document []byte) (*Root, error) {
	r := new(Root)
	if err := decodeCanonical(document, r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRoot, err)
	}
	if err := r.validate(); err != nil {
		return nil, err
	}
	return r, nil
}

// VerifyManifest reads the envelope of a manifest, verifies that enough publishing keys of the
// root signed it, and checks every field. It does not check the environment or the expiry, or
// whether a newer revision exists.
//
// Errors are [ErrEnvelope], [ErrSignature], [ErrManifest] or [ErrEpoch].
func (r *Root) VerifyManifest(data []byte) (*Manifest, error) {
	e, err := openEnvelope(data, ManifestType)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if err := e.verify(r.Holders(r.Roles.Publish)); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	m := new(Manifest)
	if err := decodeCanonical(e.Payload, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	if m.Epoch != r.Epoch {
		return nil, fmt.Errorf("%w: revision %d is of epoch %d, the root of epoch %d", ErrEpoch, m.Revision, m.Epoch, r.Epoch)
	}
	if m.Revision <= r.Base {
		return nil, fmt.Errorf("%w: epoch %d begins after revision %d, this is revision %d", ErrEpoch, r.Epoch, r.Base, m.Revision)
	}
	return m, nil
}

func (r *Root) complete() {
	r.Keys = listOf(r.Keys)
	r.Roles.Root.Keys = listOf(r.Roles.Root.Keys)
	r.Roles.Publish.Keys = listOf(r.Roles.Publish.Keys)
}

// validate checks every field. Errors are ErrRoot.
func (r *Root) validate() error {
	if err := errors.Join(
		checkCount("version", r.Version),
		r.checkPrevious(),
		checkCount("epoch", r.Epoch),
		r.checkBase(),
		checkPeriod(r.Created, r.Expires),
		r.checkKeys(),
		r.checkRole("root", r.Roles.Root),
		r.checkRole("publish", r.Roles.Publish),
	); err != nil {
		return fmt.Errorf("%w: %w", ErrRoot, err)
	}
	return nil
}

func (r *Root) checkPrevious() error {
	switch first, none := r.Version == 1, r.Previous == (Hash{}); {
	case first && !none:
		return fmt.Errorf("previous: the first root has no previous one, but names %s", r.Previous)
	case none && !first:
		return fmt.Errorf("previous: root %d must name the previous root", r.Version)
	}
	return nil
}

func (r *Root) checkBase() error {
	if r.Base >= MaxInteger {
		return fmt.Errorf("base: must be below %d; is %d", uint64(MaxInteger), r.Base)
	}
	if r.Epoch == 1 && r.Base != 0 {
		return fmt.Errorf("base: must be 0 in the first epoch; is %d", r.Base)
	}
	return nil
}

func (r *Root) checkKeys() error {
	if n := len(r.Keys); n == 0 || n > MaxKeys {
		return fmt.Errorf("keys: must be 1 to %d; there are %d", MaxKeys, n)
	}
	for _, k := range r.Keys {
		if k.Scheme != SchemeEd25519 {
			return fmt.Errorf("keys: key %s has scheme %q; only %q is known", k.ID, k.Scheme, SchemeEd25519)
		}
		if k.ID != k.Public.ID() {
			return fmt.Errorf("keys: key %s has the wrong id; it must be %s", k.ID, k.Public.ID())
		}
		if !slices.Contains(r.Roles.Root.Keys, k.ID) && !slices.Contains(r.Roles.Publish.Keys, k.ID) {
			return fmt.Errorf("keys: key %s holds no role", k.ID)
		}
	}
	if err := checkAscending(r.Keys, func(k RootKey) Hash { return k.ID }); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return nil
}

func (r *Root) checkRole(name string, role Role) error {
	switch limit := min(len(role.Keys), MaxSignatures); {
	case len(role.Keys) == 0:
		return fmt.Errorf("roles: %s: has no keys", name)
	case role.Threshold < 1 || role.Threshold > limit:
		return fmt.Errorf("roles: %s: threshold must be from 1 to %d; is %d", name, limit, role.Threshold)
	}
	for _, id := range role.Keys {
		if !slices.ContainsFunc(r.Keys, func(k RootKey) bool { return k.ID == id }) {
			return fmt.Errorf("roles: %s: key %s is not among the keys", name, id)
		}
	}
	if err := checkAscending(role.Keys, func(id Hash) Hash { return id }); err != nil {
		return fmt.Errorf("roles: %s: %w", name, err)
	}
	return nil
}
