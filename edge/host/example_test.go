package host_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// A host loads the newest bundle and decides on it.
func Example() {
	shop, done := shimtest.Example() // publishes a shop into the directory shop.Bucket
	defer done()

	ctx := context.Background()
	source, err := store.Open(ctx, shop.Bucket) // or "s3://experiments/shop?region=eu-central-1"
	if err != nil {
		log.Fatal(err)
	}
	root, err := bundle.ParseRoot(shop.Root) // the content of root.json
	if err != nil {
		log.Fatal(err)
	}
	h, err := host.Open(ctx, host.Options{
		Source: source, Root: root, Environment: shimtest.Environment, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer h.Close(ctx)

	var r host.Request
	for _, user := range []string{"u-1", "u-3"} {
		r.Reset().Unit("user", user).String("country", "GB")
		d, err := h.Decide(&r, "button")
		if err != nil {
			log.Fatal(err) // a site goes on with its default
		}
		fmt.Println(user, d.Variant(), d.Reason())
	}

	// A visitor outside the audience gets no variant.
	r.Reset().Unit("user", "u-1").String("country", "FR")
	d, err := h.Decide(&r, "button")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("u-1 in France", d.Assigned(), d.Reason())
	// Output:
	// u-1 green split
	// u-3 control split
	// u-1 in France false audience
}

// DecideAll decides everything. A decision looks its names up when they are asked for.
func ExampleHost_DecideAll() {
	shop, done := shimtest.Example()
	defer done()
	h := shop.Open()

	var r host.Request
	r.Unit("user", "u-1").String("country", "GB").String("device", "mobile")
	var all host.Decisions // reuse it
	if err := h.DecideAll(&r, &all); err != nil {
		log.Fatal(err) // a site goes on with its defaults
	}
	for d := range all.All() {
		fmt.Println(d.Experiment(), d.Variant())
	}
	// Output:
	// banner on
	// button green
	// hero a
}

// DecideRoute decides what the page at a path needs.
func ExampleHost_DecideRoute() {
	shop, done := shimtest.Example()
	defer done()
	h := shop.Open()

	var r host.Request
	r.Unit("user", "u-1").String("country", "GB").String("device", "mobile")
	var decisions host.Decisions
	if err := h.DecideRoute(&r, "/", &decisions); err != nil {
		log.Fatal(err)
	}
	for d := range decisions.All() {
		fmt.Println(d.Experiment(), d.Variant())
	}
	// Output:
	// banner on
	// hero a
}
