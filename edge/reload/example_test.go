package reload_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// A Reloader verifies the newest bundle and hands it to Prepare. Package host is one that
// decides on it.
func Example() {
	shop, done := shimtest.Example() // publishes a shop into the directory shop.Bucket
	defer done()

	ctx := context.Background()
	source, err := store.Open(ctx, shop.Bucket) // or reload.NewHTTPSource("https://cdn.example.com/experiments", nil)
	if err != nil {
		log.Fatal(err)
	}
	root, err := bundle.ParseRoot(shop.Root) // the content of root.json
	if err != nil {
		log.Fatal(err)
	}
	r, err := reload.New(reload.Config{
		Source: source, Root: root, Environment: shimtest.Environment, Core: bundle.CoreOf(wasm.Core, abi.Version),
		Logger: slog.New(slog.DiscardHandler),
		Prepare: func(_ context.Context, b *bundle.Bundle) (use func(), err error) {
			return func() { fmt.Println("in use: revision", b.Manifest.Revision) }, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := r.Start(ctx); err != nil {
		log.Fatal(err)
	}
	following, stop := context.WithCancel(ctx)
	go r.Run(following) // looks for a newer bundle every few seconds
	defer stop()

	shop.Publish("flags/banner.yaml", "key: banner\nstatus: running\nvariants: [{key: on}, {key: off}]\ndefault: off\n")
	r.Refresh(ctx) // looks now
	fmt.Println("stale:", r.Status().Stale)
	// Output:
	// in use: revision 1
	// in use: revision 2
	// stale: false
}
