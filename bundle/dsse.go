package bundle

import (
	"bytes"
	"fmt"
	"slices"
)

// The types of signed documents. The type is part of the signed message, so a signature on one
// type of document is not valid for another, or for anything outside this project.
const (
	ManifestType = "application/vnd.sortition.manifest+json"
	RootType     = "application/vnd.sortition.root+json"
)

// envelope is a DSSE envelope, see https://github.com/secure-systems-lab/dsse. Stricter than
// that specification, it must be canonical JSON, a key id is the digest of the key, and the
// signatures are in ascending order of key id.
type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     []byte      `json:"payload"`
	Signatures  []signature `json:"signatures"`
}

type signature struct {
	KeyID Hash   `json:"keyid"`
	Sig   []byte `json:"sig"`
}

func (e *envelope) complete() {
	e.Payload = listOf(e.Payload)
	e.Signatures = listOf(e.Signatures)
	for i := range e.Signatures {
		e.Signatures[i].Sig = listOf(e.Signatures[i].Sig)
	}
}

// preAuthEncoding returns the message that DSSE signs (PAE): the type and the payload, each
// after its length, so that no two pairs have the same message.
func preAuthEncoding(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}

// sealEnvelope returns the canonical envelope of payload with a signature by each signer.
func sealEnvelope(payloadType string, payload []byte, signers []Signer) ([]byte, error) {
	if len(signers) == 0 {
		return nil, fmt.Errorf("sign with 1 to %d keys", MaxSignatures)
	}
	e := &envelope{PayloadType: payloadType, Payload: payload}
	if err := e.sign(signers); err != nil {
		return nil, err
	}
	return e.encode()
}

// sign adds a signature by each signer.
func (e *envelope) sign(signers []Signer) error {
	if n := len(e.Signatures) + len(signers); n > MaxSignatures {
		return fmt.Errorf("sign with 1 to %d keys; there are %d", MaxSignatures, n)
	}
	message := preAuthEncoding(e.PayloadType, e.Payload)
	for _, s := range signers {
		key := s.Public()
		sig, err := s.Sign(message)
		if err != nil {
			return fmt.Errorf("sign with key %s: %w", key.ID(), err)
		}
		if !key.Verify(message, sig) {
			return fmt.Errorf("sign with key %s: the signer returned an invalid signature", key.ID())
		}
		e.Signatures = append(e.Signatures, signature{key.ID(), sig})
	}
	slices.SortFunc(e.Signatures, func(a, b signature) int { return bytes.Compare(a.KeyID[:], b.KeyID[:]) })
	if err := checkAscending(e.Signatures, func(s signature) Hash { return s.KeyID }); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return nil
}

// encode returns the canonical bytes of the envelope.
func (e *envelope) encode() ([]byte, error) {
	data, err := encodeCanonical(e)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxEnvelopeSize {
		return nil, fmt.Errorf("the envelope has %d bytes; the limit is %d", len(data), MaxEnvelopeSize)
	}
	return data, nil
}

// openEnvelope decodes a signed envelope. It does not verify signatures. Errors are
// ErrEnvelope.
func openEnvelope(data []byte, payloadType string) (*envelope, error) {
	e, err := openDraft(data, payloadType)
	if err == nil && len(e.Signatures) == 0 {
		return nil, fmt.Errorf("%w: it has no signatures", ErrEnvelope)
	}
	return e, err
}

// openDraft decodes an envelope that may lack signatures. Errors are ErrEnvelope.
func openDraft(data []byte, payloadType string) (*envelope, error) {
	if len(data) > MaxEnvelopeSize {
		return nil, fmt.Errorf("%w: it has %d bytes; the limit is %d", ErrEnvelope, len(data), MaxEnvelopeSize)
	}
	e := new(envelope)
	if err := decodeCanonical(data, e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if e.PayloadType != payloadType {
		return nil, fmt.Errorf("%w: it holds a %q; expected a %q", ErrEnvelope, e.PayloadType, payloadType)
	}
	if n := len(e.Signatures); n > MaxSignatures {
		return nil, fmt.Errorf("%w: it has %d signatures; the limit is %d", ErrEnvelope, n, MaxSignatures)
	}
	if err := checkAscending(e.Signatures, func(s signature) Hash { return s.KeyID }); err != nil {
		return nil, fmt.Errorf("%w: signatures: %w", ErrEnvelope, err)
	}
	return e, nil
}

// verify checks that at least the threshold of distinct holders signed the envelope. It ignores
// signatures by other keys, which exist during a key rotation. A wrong signature by a trusted
// key is an error even if enough others are valid. Errors are ErrSignature.
func (e *envelope) verify(trusted Holders) error {
	message := preAuthEncoding(e.PayloadType, e.Payload)
	signed := make(map[PublicKey]bool)
	for _, s := range e.Signatures {
		for _, key := range trusted.Keys {
			if key.ID() != s.KeyID {
				continue
			}
			if !key.Verify(message, s.Sig) {
				return fmt.Errorf("%w: the signature by key %s is wrong", ErrSignature, s.KeyID)
			}
			signed[key] = true
		}
	}
	if len(signed) < max(trusted.Threshold, 1) {
		return fmt.Errorf("%w: signed by %d trusted keys; %d are required", ErrSignature, len(signed), trusted.Threshold)
	}
	return nil
}

// checkAscending checks that the ids of a list are in ascending order and distinct.
func checkAscending[T any](list []T, id func(T) Hash) error {
	for i := 1; i < len(list); i++ {
		previous, this := id(list[i-1]), id(list[i])
		switch bytes.Compare(previous[:], this[:]) {
		case 0:
			return fmt.Errorf("key %s appears twice", this)
		case 1:
			return fmt.Errorf("key %s is not in ascending order", this)
		}
	}
	return nil
}
