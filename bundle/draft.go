package bundle

import (
	"fmt"
	"slices"
)

// Draft is a root that several people sign in turn: an envelope that may lack signatures. It is
// not safe for concurrent use.
type Draft struct {
	root     *Root
	envelope *envelope
}

// NewDraft returns a draft of a root without signatures. The error is [ErrRoot] if a field of
// the root is invalid.
func NewDraft(r Root) (*Draft, error) {
	r.complete()
	if err := r.validate(); err != nil {
		return nil, err
	}
	document, err := encodeCanonical(r)
	if err != nil {
		return nil, err
	}
	return &Draft{&r, &envelope{PayloadType: RootType, Payload: document, Signatures: []signature{}}}, nil
}

// ParseDraft reads a draft or a signed root. It checks every field but no signature; for
// signatures see [Draft.Progress] and [ParseRoot]. Errors are [ErrEnvelope] or [ErrRoot].
func ParseDraft(data []byte) (*Draft, error) {
	e, err := openDraft(data, RootType)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	r, err := decodeRoot(e.Payload)
	if err != nil {
		return nil, err
	}
	return &Draft{r, e}, nil
}

// Root returns the root to sign.
func (d *Draft) Root() *Root { return d.root }

// Sign adds a signature by each signer, and replaces an earlier one by the same key. If it
// fails, the draft does not change.
func (d *Draft) Sign(signers ...Signer) error {
	signed := *d.envelope
	signed.Signatures = slices.DeleteFunc(slices.Clone(signed.Signatures), func(given signature) bool {
		return slices.ContainsFunc(signers, func(s Signer) bool { return s.Public().ID() == given.KeyID })
	})
	if err := signed.sign(signers); err != nil {
		return err
	}
	d.envelope = &signed
	return nil
}

// Envelope returns the encoded draft. Once enough holders have signed, it is the envelope of
// the root.
func (d *Draft) Envelope() ([]byte, error) { return d.envelope.encode() }

// Progress says which holders of a role have signed.
type Progress struct {
	Threshold int
	Signed    []PublicKey
	Wrong     []PublicKey // holders whose signature is not valid for this root
	Missing   []PublicKey
}

// Done reports whether enough holders have signed and no signature is wrong.
func (p Progress) Done() bool { return len(p.Signed) >= p.Threshold && len(p.Wrong) == 0 }

// Progress returns which of the holders have signed the draft.
func (d *Draft) Progress(of Holders) Progress {
	p := Progress{Threshold: of.Threshold}
	message := preAuthEncoding(d.envelope.PayloadType, d.envelope.Payload)
	for _, key := range of.Keys {
		i := slices.IndexFunc(d.envelope.Signatures, func(s signature) bool { return s.KeyID == key.ID() })
		switch {
		case i < 0:
			p.Missing = append(p.Missing, key)
		case key.Verify(message, d.envelope.Signatures[i].Sig):
			p.Signed = append(p.Signed, key)
		default:
			p.Wrong = append(p.Wrong, key)
		}
	}
	return p
}
