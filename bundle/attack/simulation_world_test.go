package attack_test

import (
	"context"
	"fmt"
	"hash"
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
)

const (
	simulatedHosts      = 5
	realHosts           = 1 // of them
	simulatedPublishers = 3

	// fresh is how long a revision of a simulated world is valid: often less than passes
	// until the next.
	fresh = 2 * time.Hour
)

// simulation is a world that goes on by steps. One thing happens at a time.
type simulation struct {
	t      testing.TB
	rng    *rand.Rand
	now    time.Time
	steps  int
	trace  hash.Hash64
	counts map[string]int // of what happened, for people

	bucket   *storetest.Memory // as it truly is
	weather  int               // percent of operations that fail
	lies     map[string]lie    // what some are shown instead
	peaceful bool              // nobody attacks or is killed any more

	rootKey    *bundle.PrivateKey
	root       []byte        // the first, which hosts are given
	chain      *bundle.Chain // as it truly is
	keys       int           // that publish, so far; the last is trusted
	stolen     []theft
	publishers []*publisher
	nodes      []*node
	oracle     oracle
}

// simulate goes a number of steps and then makes peace.
func simulate(t testing.TB, seed, run uint64, steps int) *simulation {
	at(day)
	s := &simulation{
		t: t, rng: rand.New(rand.NewPCG(seed, run)), now: day, trace: fnv.New64a(), counts: map[string]int{},
		bucket: storetest.NewMemory(), lies: map[string]lie{}, rootKey: key(1), oracle: newOracle(),
	}
	s.firstRoot()
	for i := range simulatedPublishers {
		s.publishers = append(s.publishers, &publisher{simulation: s, view: &view{s, readPublisher, nil}, name: fmt.Sprintf("publisher %d", i)})
	}
	for i := range simulatedHosts {
		s.nodes = append(s.nodes, newNode(s, i, i < realHosts))
	}
	defer s.close()
	for s.steps < steps && !t.Failed() {
		s.step()
	}
	if !t.Failed() {
		s.peace()
	}
	return s
}

// step lets one of them do one thing.
func (s *simulation) step() {
	s.steps++
	node := s.nodes[s.rng.IntN(len(s.nodes))]
	switch n := s.rng.IntN(1000); {
	case n < 400:
		node.look()
	case n < 700:
		node.decide()
	case n < 880:
		s.publishers[s.rng.IntN(len(s.publishers))].step()
	case n < 930:
		s.attack()
	case n < 950:
		s.now = s.now.Add(time.Duration(s.rng.IntN(600)) * time.Second)
	case n < 960:
		s.weather = []int{0, 0, 0, 0, 0, 0, 2, 20, 100}[s.rng.IntN(9)]
	case n < 972:
		node.crash()
	case n < 976:
		node.rot()
	case n < 982:
		node.spoil()
	case n < 983:
		s.rotate(s.rng.IntN(2) == 0)
	default:
		s.lift()
	}
}

// happened adds to the trace, and to what is counted.
func (s *simulation) happened(who, what string, details ...any) {
	fmt.Fprintln(s.trace, s.steps, who, what, fmt.Sprint(details...))
	s.counts[what]++
}

// peace ends every attack and failure, and requires that all is well then.
func (s *simulation) peace() {
	s.lies, s.weather, s.peaceful = map[string]lie{}, 0, true
	for _, p := range s.publishers {
		p.kill()
	}
	s.rotate(len(s.stolen) > 0) // what thieves have published ends with the epoch
	last := s.publishers[0]
	for last.begin(); last.task != nil; {
		last.step()
	}
	if last.err != nil {
		s.t.Errorf("in peace, publishing fails: %v", last.err)
		return
	}
	want := attack.Version{Epoch: last.published.Epoch, Revision: last.published.Revision}
	for _, n := range s.nodes {
		if !n.settle(want) {
			return
		}
		n.decide()
	}
}

func (s *simulation) close() {
	for _, p := range s.publishers {
		p.kill()
	}
	for _, n := range s.nodes {
		n.stop()
	}
}

// firstRoot makes the root that hosts are given.
func (s *simulation) firstRoot() {
	s.keys = 1
	root := bundle.NewRoot(1, 1, day, day.Add(year), holders(1, s.rootKey), holders(1, s.key()))
	s.root = s.signRoot(root)
	s.chain = bundle.NewChain(parseRoot(s.t, s.root))
}

// key is the key that publishes now.
func (s *simulation) key() *bundle.PrivateKey {
	return bundle.KeyFromSeed([32]byte{'p', byte(s.keys), byte(s.keys >> 8)})
}

// rotate makes another key the one that publishes, in a new epoch if it must be.
func (s *simulation) rotate(newEpoch bool) {
	s.keys++
	now := s.chain.Root()
	next := now.Next(s.now, s.now.Add(year), holders(1, s.rootKey), holders(1, s.key()))
	if newEpoch {
		next.Epoch, next.Base = now.Epoch+1, s.oracle.newest(s.chain)
	}
	envelope := s.signRoot(next)
	chain, err := s.chain.Extend(envelope)
	if err == nil {
		err = s.bucket.Create(context.Background(), bundle.RootName(next.Version), envelope)
	}
	if err != nil {
		s.t.Errorf("rotating: %v", err)
		return
	}
	s.chain = chain
	s.happened("ceremony", "root", next.Version, " epoch ", next.Epoch, " base ", next.Base)
}

func (s *simulation) signRoot(r bundle.Root) []byte {
	envelope, err := bundle.SignRoot(r, s.rootKey)
	if err != nil {
		s.t.Fatal(err)
	}
	return envelope
}

// task is something that goes on step by step: it pauses before each operation on the
// store.
type task struct {
	next func() (struct{}, bool)
	stop func()
}

// killed unwinds a task that is killed at a pause.
type killed struct{}

// begin starts a task, up to its first pause.
func begin(body func(pause func())) *task {
	t := new(task)
	t.next, t.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if r := recover(); r != nil && r != (killed{}) {
				panic(r)
			}
		}()
		body(func() {
			if !yield(struct{}{}) {
				panic(killed{})
			}
		})
	})
	return t
}

// step goes on to the next pause, and tells whether there is one.
func (t *task) step() bool {
	_, more := t.next()
	return more
}
