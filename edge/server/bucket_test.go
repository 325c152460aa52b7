package server_test

import (
	"context"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

const environment = "test"

// bucket is a directory into which a test publishes.
type bucket struct {
	store.Store
	root   *bundle.Root
	signed []byte
	key    *bundle.PrivateKey
}

func newBucket(t testing.TB) *bucket {
	t.Helper()
	objects, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bucket{Store: objects, key: bundle.KeyFromSeed([32]byte{1})}
	now := time.Now()
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{b.key.Public()}}
	if b.signed, err = bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(time.Hour), holders, holders), b.key); err != nil {
		t.Fatal(err)
	}
	if b.root, err = bundle.ParseRoot(b.signed); err != nil {
		t.Fatal(err)
	}
	return b
}

// publish commits a program as the next revision.
func (b *bucket) publish(t testing.TB, p *model.Program) { b.publishFor(t, p, time.Hour) }

func (b *bucket) publishFor(t testing.TB, p *model.Program, validity time.Duration) {
	t.Helper()
	publication := publish.Publication{
		Store: b, Root: b.root, RootEnvelope: b.signed, Signers: []bundle.Signer{b.key},
		Environment: environment, Validity: validity, Now: time.Now,
		Build: publish.FromPayload(func(*revision.Revision) ([]byte, error) { return compile.Payload(p) }),
	}
	if _, err := publication.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// program has one experiment or flag for each kind of answer.
func program() *model.Program {
	everything := []model.Range{{From: 0, To: model.Slots}}
	half := []model.Share{{To: model.Slots / 2, Variant: 0}, {To: model.Slots, Variant: 1}}
	first := []model.Share{{To: model.Slots, Variant: 0}}
	second := []model.Share{{To: model.Slots, Variant: 1}}
	arms := []model.Variant{{Key: "control", Name: "As it was", Config: `{"size":1}`}, {Key: "big", Name: "Big", Config: `{"size":2}`}}
	switches := []model.Variant{{Key: "off", Name: "off", Config: "false"}, {Key: "on", Name: "on", Config: "true"}}
	all := func(split []model.Share, audience *model.Expr) []model.Rule {
		return []model.Rule{{Slots: everything, Traffic: model.Slots, Split: split, Audience: audience}}
	}
	experiment := func(key string, unit int, rules []model.Rule) model.Experiment {
		return model.Experiment{Key: key, Salt: key + "/5", Unit: unit, Layer: model.None, Phase: 1,
			Default: model.None, Variants: arms, Rules: rules}
	}
	paused := experiment("paused", 0, all(half, nil))
	paused.Killed = true
	return &model.Program{
		Units:      []string{"user", "device"},
		Attributes: []model.Attribute{{Name: "country", Type: model.String}, {Name: "plan", Type: model.String}},
		Experiments: []model.Experiment{
			experiment("button", 0, all(half, nil)),
			experiment("on_device", 1, all(second, nil)),
			paused,
			experiment("pro_only", 0, all(second, &model.Expr{Op: model.OpIn, Attr: 1, Strings: []string{"pro"}})),
			{Key: "theme", Salt: "theme", Kind: model.KindFlag, Layer: model.None, Phase: 1,
				Variants: switches, Default: 0, Rules: append(all(second, &model.Expr{Op: model.OpIn, Attr: 0, Strings: []string{"NZ"}}), all(first, nil)...)},
		},
	}
}
