package revision_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

const environment = "test"

var now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// program has one experiment in a phase, and a flag of the same shape.
func program(key string, phase int) *model.Program {
	x := model.Experiment{
		Key: key, Salt: key, Layer: model.None, Default: model.None, Phase: phase,
		Variants: []model.Variant{{Key: "control", Name: "control", Config: "null"}, {Key: "b", Name: "b", Config: "null"}},
		Rules: []model.Rule{{Slots: []model.Range{{From: 0, To: model.Slots}}, Traffic: model.Slots,
			Split: []model.Share{{To: 5000, Variant: 0}, {To: model.Slots, Variant: 1}}}},
	}
	flag := x
	flag.Key, flag.Kind, flag.Default, flag.Salt = "z_flag", model.KindFlag, 0, "z_flag"
	return &model.Program{Units: []string{"user"}, Experiments: []model.Experiment{x, flag}}
}

// published is a bucket with one revision for each program.
func published(t *testing.T, programs ...*model.Program) (*storetest.Memory, *bundle.Chain) {
	t.Helper()
	key := bundle.KeyFromSeed([32]byte{7})
	holder := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	signed, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.AddDate(1, 0, 0), holder, holder), key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := bundle.ParseRoot(signed)
	if err != nil {
		t.Fatal(err)
	}
	bucket := storetest.NewMemory()
	for _, program := range programs {
		p := publication(bucket, root, signed, key, program)
		if _, err := p.Publish(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return bucket, bundle.NewChain(root)
}

// publication publishes a program, whatever is live.
func publication(s store.Store, root *bundle.Root, signed []byte, key bundle.Signer, program *model.Program) *publish.Publication {
	return &publish.Publication{
		Store: s, Root: root, RootEnvelope: signed, Signers: []bundle.Signer{key}, Environment: environment,
		Validity: time.Hour, Now: func() time.Time { return now }, Force: true,
		Build: publish.FromPayload(func(*revision.Revision) ([]byte, error) { return compile.Payload(program) }),
	}
}

func TestExperiment(t *testing.T) {
	bucket, chain := published(t,
		program("stopped", 1), program("checkout", 1), program("checkout", 2), program("checkout", 2), program("checkout", 3))
	for _, c := range []struct {
		key      string
		phase    int
		newest   uint64
		revision uint64 // 0: not found
	}{
		{"checkout", 0, 5, 5},
		{"checkout", 0, 4, 4},
		{"checkout", 2, 5, 4},
		{"checkout", 1, 5, 2},
		{"stopped", 0, 5, 1},
		{"checkout", 4, 5, 0},
		{"z_flag", 0, 5, 0},
		{"checkout", 0, 0, 0},
	} {
		found, err := revision.Experiment(context.Background(), bucket, chain, environment, c.newest, c.key, c.phase)
		if c.revision == 0 {
			if !errors.Is(err, revision.ErrNoExperiment) {
				t.Errorf("%+v: got %v", c, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		} else if found.Revision != c.revision || found.Unit != "user" || found.Experiment.Key != c.key {
			t.Errorf("%+v: found %+v", c, found)
		}
	}
}

// TestExperimentAcrossEpochs looks for what the revisions before a rotation had, those that
// the new root revoked left out.
func TestExperimentAcrossEpochs(t *testing.T) {
	ctx := context.Background()
	bucket, chain := published(t, program("stopped", 1), program("checkout", 1), program("stolen", 1))
	old, fresh := bundle.KeyFromSeed([32]byte{7}), bundle.KeyFromSeed([32]byte{8})
	holder := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{fresh.Public()}}
	next := chain.Root().Next(now, now.AddDate(1, 0, 0), holder, holder)
	next.Epoch, next.Base = 2, 2
	signed, err := bundle.SignRoot(next, old, fresh)
	if err != nil {
		t.Fatal(err)
	}
	if chain, err = chain.Extend(signed); err != nil {
		t.Fatal(err)
	}
	if err := bucket.Create(ctx, bundle.RootName(2), signed); err != nil {
		t.Fatal(err)
	}
	p := publication(bucket, chain.Roots()[0], nil, fresh, program("checkout", 2)) // its root is there
	if _, err := p.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]uint64{"checkout": 3, "stopped": 1, "stolen": 0} {
		found, err := revision.Experiment(ctx, bucket, chain, environment, 3, key, 0)
		if want == 0 {
			if !errors.Is(err, revision.ErrNoExperiment) {
				t.Errorf("%s: %+v, %v", key, found, err)
			}
		} else if err != nil || found.Revision != want {
			t.Errorf("%s: %+v, %v", key, found, err)
		}
	}
	if found, err := revision.Experiment(ctx, bucket, chain, environment, 3, "checkout", 1); err != nil || found.Revision != 2 {
		t.Errorf("an earlier phase of the experiment: %+v, %v", found, err)
	}
}

func TestExperimentEndsWhereHistoryDoes(t *testing.T) {
	ctx := context.Background()
	bucket, chain := published(t, program("stopped", 1), program("checkout", 1), program("checkout", 2))
	if err := bucket.Delete(ctx, bundle.ManifestName(1, 2)); err != nil {
		t.Fatal(err)
	}
	if _, err := revision.Experiment(ctx, bucket, chain, environment, 3, "stopped", 0); !errors.Is(err, revision.ErrNoExperiment) {
		t.Errorf("beyond a missing manifest: %v", err)
	}
	down := errors.New("connection refused")
	bucket.Before = func(context.Context, storetest.Op, string) error { return down }
	if _, err := revision.Experiment(ctx, bucket, chain, environment, 3, "stopped", 0); !errors.Is(err, down) {
		t.Errorf("a bucket that is down: %v", err)
	}
}

// What the storage says does not count unless the publisher signed it.
func TestExperimentRefusesForgery(t *testing.T) {
	ctx := context.Background()
	bucket, chain := published(t, program("checkout", 1))
	bucket.Tamper = func(name string, data []byte) []byte {
		if name[:2] == "b/" {
			data[len(data)/2] ^= 1
		}
		return data
	}
	if _, err := revision.Experiment(ctx, bucket, chain, environment, 1, "checkout", 0); !errors.Is(err, bundle.ErrMismatch) {
		t.Errorf("got %v", err)
	}
}
