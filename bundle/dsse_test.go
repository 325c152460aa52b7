package bundle

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// The example of the DSSE specification.
func TestPreAuthEncoding(t *testing.T) {
	const want = "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
	if got := preAuthEncoding("http://example.com/HelloWorld", []byte("hello world")); string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// reference makes a key usable by the reference implementation of DSSE.
type reference struct{ *PrivateKey }

func (r reference) Sign(_ context.Context, message []byte) ([]byte, error) {
	return r.PrivateKey.Sign(message)
}

func (r reference) Verify(_ context.Context, message, signature []byte) error {
	if !r.PrivateKey.Public().Verify(message, signature) {
		return errors.New("wrong signature")
	}
	return nil
}

func (r reference) KeyID() (string, error) { return r.PrivateKey.Public().ID().String(), nil }

func (r reference) Public() crypto.PublicKey {
	key := r.PrivateKey.Public()
	return ed25519.PublicKey(key[:])
}

func TestReferenceImplementationVerifies(t *testing.T) {
	sealed := seal(t, testManifest(), testKey(1), testKey(2))
	var e dsse.Envelope
	if err := json.Unmarshal(sealed.Envelope, &e); err != nil {
		t.Fatal(err)
	}
	verifier, err := dsse.NewMultiEnvelopeVerifier(2, reference{testKey(1)}, reference{testKey(2)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Verify(context.Background(), &e); err != nil {
		t.Errorf("the reference implementation refuses: %v", err)
	}
}

func TestReferenceImplementationSigns(t *testing.T) {
	document := payloadOf(t, seal(t, testManifest(), testKey(1)).Envelope)
	signer, err := dsse.NewEnvelopeSigner(reference{testKey(1)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := signer.SignPayload(context.Background(), ManifestType, document)
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testRoot(t, 1, testKey(1)).VerifyManifest(envelope); err != nil {
		t.Errorf("an envelope of the reference implementation is refused: %v", err)
	}
}
