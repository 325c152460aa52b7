package attack_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/request"
)

// settling is how many looks a host has to come to the newest revision in peace: those
// of several walks, each of which is bounded.
const settling = 20 * looks

var errDisk = errors.New("no space left on device")

// node is a host of a simulated world. It crashes and starts again with what its disk
// has kept.
type node struct {
	s     *simulation
	name  string
	view  *view
	state string
	real  bool // decides in WebAssembly

	machine machine // nil while it starts
	task    *task   // a start or a look at the bucket in progress

	reached attack.Version // the newest that it has served and remembers
	hollow  bool           // its disk may have nothing whole to start from
	broken  int            // percent of writes to its disk that fail
	doubt   bool           // one of them did since it started
	dead    bool           // killed while it wrote
	request request.Request
}

// machine is a running host.
type machine interface {
	refresh(ctx context.Context)
	// version is what is active; the zero value if nothing is.
	version() attack.Version
	// decide decides everything.
	decide(r *request.Request) ([]outcome, error)
	stop() error
	trouble() string // what went wrong last
}

func newNode(s *simulation, i int, real bool) *node {
	return &node{
		s: s, name: "host " + string(rune('0'+i)), view: &view{s, 1 << i, nil}, real: real,
		state: filepath.Join(s.t.(*testing.T).TempDir(), "state"),
	}
}

// look starts the host, or has it look at the bucket, a step further.
func (n *node) look() {
	if n.task == nil {
		n.task = begin(func(pause func()) {
			n.view.pause = pause
			if n.machine == nil {
				n.start()
			} else {
				n.machine.refresh(context.Background())
			}
		})
	}
	if n.task.step() {
		return
	}
	n.task = nil
	if n.dead {
		n.dead = false
		n.crash()
		return
	}
	n.check()
}

func (n *node) start() {
	open := openNative
	if n.real {
		open = openReal
	}
	m, err := open(n)
	if err != nil {
		n.s.t.Errorf("%s: does not start: %v", n.name, err)
		return
	}
	n.machine = m
}

// check checks what is active against what has been.
func (n *node) check() {
	if n.machine == nil {
		return
	}
	now := n.machine.version()
	n.s.happened(n.name, "looked", now)
	if now == (attack.Version{}) {
		if n.reached != now && !n.hollow && n.reached.Epoch == n.s.chain.Root().Epoch {
			n.s.t.Errorf("step %d: %s serves nothing, after %+v: %s", n.s.steps, n.name, n.reached, n.machine.trouble())
		}
		return
	}
	n.hollow = false
	n.reaches(now)
	if len(n.s.oracle.signed[now]) == 0 {
		n.s.t.Errorf("step %d: %s serves %+v, which was never published", n.s.steps, n.name, now)
	}
}

// reaches notes that a revision is served.
func (n *node) reaches(now attack.Version) {
	if now.Epoch < n.reached.Epoch || now.Epoch == n.reached.Epoch && now.Revision < n.reached.Revision {
		n.s.t.Errorf("step %d: %s serves %+v after %+v", n.s.steps, n.name, now, n.reached)
	}
	n.reached = now
}

// decide compares a decision with what was truly published.
func (n *node) decide() {
	if n.machine == nil {
		return
	}
	version := n.machine.version()
	signed := n.s.oracle.signed[version]
	if len(signed) == 0 {
		if version != (attack.Version{}) {
			n.check()
		}
		return
	}
	r := progtest.Request(n.s.rng, signed[n.s.rng.IntN(len(signed))].program)
	got, err := n.machine.decide(progtest.Fill(n.request.Reset(), r))
	if err != nil {
		n.s.t.Errorf("step %d: %s does not decide: %v", n.s.steps, n.name, err)
		return
	}
	if !slices.ContainsFunc(signed, func(t signedRevision) bool { return slices.Equal(got, outcomes(t.program, r)) }) {
		n.s.t.Errorf("step %d: %s decides %+v by %+v; it should be %+v", n.s.steps, n.name, got, version, outcomes(signed[0].program, r))
	}
	n.s.happened(n.name, "decided", version, got)
}

// crash stops the host where it is. It starts again with its next look.
func (n *node) crash() {
	n.stop()
	n.s.happened(n.name, "crash")
}

func (n *node) stop() {
	if n.task != nil {
		n.task.stop()
		n.task = nil
	}
	if n.machine != nil {
		if err := n.machine.stop(); err != nil {
			n.s.t.Errorf("%s: %v", n.name, err)
		}
		n.machine = nil
	}
	if n.doubt {
		n.reached, n.hollow, n.doubt = attack.Version{}, true, false
	}
}

// spoil makes the disk fail: now and then, as if it were full, or from now on, as if the
// machine stopped. Or it mends it.
func (n *node) spoil() {
	n.broken = []int{0, 0, 30, 100}[n.s.rng.IntN(4)]
	n.s.happened(n.name, "spoil", n.broken)
}

// killing is the number of steps of writing in one of which a host is killed.
const killing = 100

// write is asked before each step of a write to the disk.
func (n *node) write(durable.Op, string) error {
	if !n.s.peaceful && n.s.rng.IntN(killing) == 0 {
		n.dead = true
		panic(killed{})
	}
	if n.s.rng.IntN(100) < n.broken {
		n.doubt = true
		return errDisk
	}
	return nil
}

// rot damages a file of the state directory, and restarts.
func (n *node) rot() {
	n.stop()
	var files []string
	err := filepath.WalkDir(n.state, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !durable.IsTemporary(d.Name()) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		return // it has not run yet
	}
	path := files[n.s.rng.IntN(len(files))]
	data, err := os.ReadFile(path)
	if err != nil {
		n.s.t.Error(err)
		return
	}
	if err := os.WriteFile(path, n.s.damage(data), 0o644); err != nil {
		n.s.t.Error(err)
	}
	n.hollow = true
	if !strings.HasPrefix(filepath.Base(path), "payload-") {
		n.reached = attack.Version{} // how far it was may be lost too
	}
	n.s.happened(n.name, "rot", strings.TrimPrefix(path, n.state))
}

// settle lets the host look, in peace, until it serves a revision.
func (n *node) settle(want attack.Version) bool {
	n.broken = 0
	for range settling {
		for n.look(); n.task != nil; {
			n.look()
		}
		if n.s.t.Failed() {
			return false
		}
		if n.machine.version() == want {
			return true
		}
	}
	n.s.t.Errorf("in peace, %s stays with %+v and does not come to %+v: %s", n.name, n.machine.version(), want, n.machine.trouble())
	return false
}
