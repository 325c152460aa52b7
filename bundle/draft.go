package bundle

import (
	"fmt"
	"slices"
)

// Draft is a root on its way from signer to signer: an envelope that may lack
// signatures. It is not safe for concurrent use.
type Draft struct {
	root     *Root
	envelope *envelope
}

// NewDraft returns the draft of a root, which nobody has signed. Errors are ErrRoot.
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

// ParseDraft reads a draft, or a root that is signed already. It checks every field, and
// leaves the signatures to Progress and ParseRoot. Errors are ErrEnvelope or ErrRoot.
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

// Root returns the root as it is to be signed.
func (d *Draft) Root() *Root { return d.root }

// Sign adds a signature by each signer, in place of one that its key may have given.
// After an error the draft is as it was.
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

// Envelope returns the draft as it travels. Once enough have signed it is the envelope
// of the root.
func (d *Draft) Envelope() ([]byte, error) { return d.envelope.encode() }

// Progress tells which holders of a role have signed.
type Progress struct {
	Threshold int
	Signed    []PublicKey
	Wrong     []PublicKey // whose signature is not of this root
	Missing   []PublicKey
}

// Done tells whether enough have signed, and nobody wrongly.
func (p Progress) Done() bool { return len(p.Signed) >= p.Threshold && len(p.Wrong) == 0 }

// Progress tells which of the holders have signed the draft.
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
