package bundle_test

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// A publisher signs a root and a bundle, and puts everything into a bucket. A host that has
// only the root opens the bundle. It refuses a manifest that was changed.
func Example() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	key := bundle.KeyFromSeed([32]byte{42}) // publisher keygen uses GenerateKey
	holder := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	signedRoot, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.AddDate(1, 0, 0), holder, holder), key)
	if err != nil {
		panic(err)
	}

	sealed, err := bundle.Seal(bundle.Manifest{
		Environment: "production", Epoch: 1, Revision: 1,
		Created: now, Expires: now.AddDate(0, 0, 7),
		MinimumSchema: payload.Schema,
		Core:          bundle.CoreOf([]byte("core.wasm"), 1),
		Message:       "first",
	}, []byte("the payload"), key)
	if err != nil {
		panic(err)
	}
	bucket := memory{sealed.Manifest.Name(): sealed.Envelope}
	for _, o := range sealed.Objects {
		bucket[o.Name] = o.Data
	}

	root, err := bundle.ParseRoot(signedRoot)
	if err != nil {
		panic(err)
	}
	b, err := bundle.Open(context.Background(), bucket, root, bucket["m/1/1.json"], "production")
	if err != nil {
		panic(err)
	}
	fmt.Printf("revision %d (%s): %s\n", b.Manifest.Revision, b.Manifest.Message, b.Payload)

	bucket["m/1/1.json"][200] ^= 1
	_, err = bundle.Open(context.Background(), bucket, root, bucket["m/1/1.json"], "production")
	fmt.Println(err)
	// Output:
	// revision 1 (first): the payload
	// manifest: signature refused: the signature by key 0d6a48c1ecfe566ea850341a9defc97703594869f4af6910f86187c43c8e51e1 is wrong
}

// memory is a bucket.
type memory map[string][]byte

func (m memory) Get(_ context.Context, name, _ string, limit int64) (bundle.Object, error) {
	data, ok := m[name]
	if !ok {
		return bundle.Object{}, bundle.ErrNotFound
	}
	if int64(len(data)) > limit {
		return bundle.Object{}, bundle.ErrTooLarge
	}
	return bundle.Object{Data: data}, nil
}

// Seal gives the objects to put into the bucket before the manifest's envelope.
func ExampleSeal() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sealed, err := bundle.Seal(bundle.Manifest{
		Environment: "production", Epoch: 1, Revision: 7,
		Created: now, Expires: now.AddDate(0, 0, 7),
		MinimumSchema: payload.Schema,
		Core:          bundle.CoreOf([]byte("core.wasm"), 1),
	}, []byte("the payload"), bundle.KeyFromSeed([32]byte{42}))
	if err != nil {
		panic(err)
	}
	for _, o := range sealed.Objects {
		fmt.Println("put", path.Dir(o.Name)+"/<sha256>")
	}
	fmt.Println("then create", sealed.Manifest.Name())
	fmt.Println("and copy it to", bundle.LatestName)
	// Output:
	// put b/<sha256>
	// put b/<sha256>
	// then create m/1/7.json
	// and copy it to latest.json
}

// A root verifies a manifest without fetching its payload. It refuses one that was signed by a
// key that it does not name.
func ExampleRoot_VerifyManifest() {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	key, thief := bundle.KeyFromSeed([32]byte{42}), bundle.KeyFromSeed([32]byte{66})
	holder := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	signedRoot, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.AddDate(1, 0, 0), holder, holder), key)
	if err != nil {
		panic(err)
	}
	root, err := bundle.ParseRoot(signedRoot)
	if err != nil {
		panic(err)
	}
	for _, signer := range []*bundle.PrivateKey{key, thief} {
		sealed, err := bundle.Seal(bundle.Manifest{
			Environment: "production", Epoch: 1, Revision: 7,
			Created: now, Expires: now.AddDate(0, 0, 7),
			MinimumSchema: payload.Schema,
			Core:          bundle.CoreOf([]byte("core.wasm"), 1),
		}, []byte("the payload"), signer)
		if err != nil {
			panic(err)
		}
		manifest, err := root.VerifyManifest(sealed.Envelope)
		if errors.Is(err, bundle.ErrSignature) {
			fmt.Println("refused:", bundle.ErrSignature)
			continue
		}
		fmt.Printf("revision %d for %s, %d bytes\n", manifest.Revision, manifest.Environment, manifest.Payload.Raw.Size)
	}
	// Output:
	// revision 7 for production, 11 bytes
	// refused: signature refused
}
