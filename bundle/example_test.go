package bundle_test

import (
	"context"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// A publisher signs a root and a bundle, puts everything into a bucket, and a host
// that has nothing but the root opens it.
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
	// manifest: signature refused: wrong signature of key 0d6a48c1ecfe566ea850341a9defc97703594869f4af6910f86187c43c8e51e1
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
