package publish

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// TestManyPublishers lets eight publishers loose on one bucket of a real S3 server, each
// to publish a hundred revisions. Every revision has one winner, no change is lost or
// made twice, and each builds on the one before.
func TestManyPublishers(t *testing.T) {
	const publishers, each = 8, 100
	// Packing a payload takes far longer than to sign the live one again, so only one
	// in so many revisions is a new payload.
	const newPayload = 10

	server, err := storetest.StartVersityGW(t.TempDir(), t.TempDir(), "bucket")
	if errors.Is(err, storetest.ErrNoVersityGW) {
		t.Skip("NOT TESTED: many publishers on a real S3 server.", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)

	w := &witness{wins: map[string]int{}}
	attempts := make([]int, publishers)
	var running sync.WaitGroup
	for i := range publishers {
		s, err := server.Store("bucket", "shop")
		if err != nil {
			t.Fatal(err)
		}
		p := newPublication(t, witnessed{s, w}, 1)
		p.Force = true
		running.Go(func() {
			for change := range each {
				p.Message = fmt.Sprintf("publisher %d, change %d", i, change)
				p.Build = Renew(0, p.Now)
				if change%newPayload == 0 {
					p.Build = countOn
				}
				n, err := publishUntilDone(p)
				if err != nil {
					t.Errorf("%s: %v", p.Message, err)
					return
				}
				attempts[i] += n
			}
		})
	}
	running.Wait()
	if t.Failed() {
		t.FailNow()
	}

	s, err := server.Store("bucket", "shop")
	if err != nil {
		t.Fatal(err)
	}
	p := newPublication(t, s, 1)
	mustVerify(t, p, publishers*each)
	live, err := revision.Live(t.Context(), s, bundle.NewChain(p.Root), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	if got := counted(live); got != publishers*each/newPayload {
		t.Errorf("%d payloads were built, each on the one before; want %d", got, publishers*each/newPayload)
	}
	log := audit.Log{Source: s, Chain: bundle.NewChain(p.Root), Environment: p.Environment, Newest: live.Manifest}
	changes := map[string]int{}
	for e, err := range log.Backward(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		changes[e.Leaf.Message]++
	}
	for i := range publishers {
		for change := range each {
			if n := changes[fmt.Sprintf("publisher %d, change %d", i, change)]; n != 1 {
				t.Errorf("publisher %d, change %d is in the log %d times", i, change, n)
			}
		}
	}
	if len(changes) != publishers*each || len(w.wins) != publishers*each {
		t.Errorf("%d changes and %d revisions, want %d", len(changes), len(w.wins), publishers*each)
	}
	for name, n := range w.wins {
		if n != 1 {
			t.Errorf("%s was created %d times", name, n)
		}
	}
	t.Logf("attempts of each publisher for %d revisions: %d", each, attempts)
}

// publishUntilDone returns how many attempts it took.
func publishUntilDone(p *Publication) (int, error) {
	for tries := 0; ; tries += maxAttempts {
		r, err := p.Publish(context.Background())
		if err == nil {
			return tries + r.Attempts, nil
		}
		if !errors.Is(err, ErrRaced) {
			return 0, err
		}
	}
}

// countOn makes a payload that counts the payloads before it: the number is in the key
// of its one flag.
func countOn(live *revision.Revision) (*Built, error) {
	raw, err := compile.Payload(&model.Program{Units: []string{"user"}, Experiments: []model.Experiment{{
		Key: fmt.Sprintf("flag-%d", counted(live)+1), Kind: model.KindFlag, Salt: "s", Layer: model.None, Phase: 1,
		Variants: []model.Variant{{Key: "on", Name: "on", Config: "true"}},
	}}})
	return &Built{Payload: raw}, err
}

func counted(live *revision.Revision) int {
	if live == nil {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimPrefix(live.Program.Experiments[0].Key, "flag-"))
	if err != nil {
		panic(err)
	}
	return n
}

// witness counts which manifests were reported as created, by whomever.
type witness struct {
	mu   sync.Mutex
	wins map[string]int
}

type witnessed struct {
	store.Store
	*witness
}

func (w witnessed) Create(ctx context.Context, name string, data []byte) error {
	err := w.Store.Create(ctx, name, data)
	if err == nil && strings.HasPrefix(name, "m/") {
		w.mu.Lock()
		w.wins[name]++
		w.mu.Unlock()
	}
	return err
}
