package reload

import (
	"maps"
	"sync"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// Origin says where the active bundle was read from.
type Origin string

// The origins.
const (
	OriginNone   Origin = ""
	OriginSource Origin = "source"
	OriginDisk   Origin = "disk" // the last known good bundle
)

// Status is the status of a [Reloader].
type Status struct {
	Environment string
	Application string // empty for all applications

	// Ready reports whether a bundle is active. The next fields describe it.
	Ready     bool
	Epoch     uint64
	Revision  uint64
	Origin    Origin
	Created   time.Time
	Expires   time.Time // the earlier of the manifest's expiry and RootExpires
	Activated time.Time
	Stale     bool // expired
	Canary    bool // for the hosts of a canary only; this host belongs to it

	// RootVersion is the version of the newest trusted root, which expires at RootExpires.
	RootVersion uint64
	RootExpires time.Time

	// CoreBehind reports that the active bundle runs on the program's own core, although its
	// manifest names another.
	CoreBehind bool

	// Quarantined is the number of pairs of payload and core that failed to activate and are
	// not tried again.
	Quarantined int

	Fetched map[bundle.FetchMethod]Transfer // has every method

	Polls    uint64 // polls in which every read succeeded
	Failures uint64 // failed reads

	// LastAnswer is the time of the latest poll in which every read succeeded; zero if there was
	// none.
	LastAnswer time.Time

	// LastError is the latest error. It is cleared by a poll that also reads the manifests
	// beyond the hint and finds no problem.
	LastError     string
	LastReason    Reason // empty for a failed read
	LastErrorTime time.Time

	// Rejected counts all rejections by reason, and has every reason. Refused counts those since
	// the active bundle was activated, and has the reasons with any.
	Rejected map[Reason]uint64
	Refused  map[Reason]uint64
}

// Transfer counts the payloads of one fetch method, and the bytes that were fetched for them.
type Transfer struct{ Payloads, Bytes uint64 }

// statusBook holds a Status. One goroutine writes it, others read it.
type statusBook struct {
	mu      sync.Mutex
	status  Status
	expires time.Time         // of the active manifest
	before  map[Reason]uint64 // rejections when it was activated; nil before the first
	silent  bool              // the latest read of the source failed
	logged  map[problem]bool  // problems that were logged since the latest poll without one
}

// problem identifies a rejection.
type problem struct {
	reason   Reason
	name     string
	envelope bundle.Hash
}

// maxLogged bounds the problems that are remembered, so that each is logged once.
const maxLogged = 64

func (b *statusBook) open(c Config) {
	b.logged = map[problem]bool{}
	b.status = Status{
		Environment: c.Environment, Application: c.Application, Rejected: map[Reason]uint64{}, Fetched: map[bundle.FetchMethod]Transfer{},
		RootVersion: c.Root.Version, RootExpires: c.Root.Expires,
	}
	for _, reason := range Reasons() {
		b.status.Rejected[reason] = 0
	}
	for _, method := range bundle.FetchMethods() {
		b.status.Fetched[method] = Transfer{}
	}
}

func (b *statusBook) read(now time.Time) Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.status
	s.Rejected, s.Fetched, s.Refused = maps.Clone(s.Rejected), maps.Clone(s.Fetched), map[Reason]uint64{}
	for reason, n := range s.Rejected {
		if n > b.before[reason] {
			s.Refused[reason] = n - b.before[reason]
		}
	}
	if s.Ready {
		s.Expires = b.expires
		if s.RootExpires.Before(s.Expires) {
			s.Expires = s.RootExpires
		}
		s.Stale = !now.Before(s.Expires)
	}
	return s
}

func (b *statusBook) activated(m *bundle.Manifest, origin Origin, coreBehind bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &b.status
	b.before = maps.Clone(s.Rejected)
	s.Ready, s.Epoch, s.Revision, s.Origin, s.CoreBehind = true, m.Epoch, m.Revision, origin, coreBehind
	s.Created, s.Activated, b.expires, s.Canary = m.Created, now, m.Expires, m.Canary != nil
}

func (b *statusBook) trusted(root *bundle.Root) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.RootVersion, b.status.RootExpires = root.Version, root.Expires
}

func (b *statusBook) fetched(f *bundle.Fetched) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.status.Fetched[f.Method]
	b.status.Fetched[f.Method] = Transfer{t.Payloads + 1, t.Bytes + uint64(f.Size)}
}

func (b *statusBook) quarantined(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Quarantined = n
}

// rejected counts a rejection, and reports whether it has not been logged yet.
func (b *statusBook) rejected(reason Reason, name string, envelope []byte, err error, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Rejected[reason]++
	b.failed(reason, name, err, now)
	p := problem{reason, name, bundle.HashOf(envelope)}
	if b.logged[p] {
		return false
	}
	if len(b.logged) >= maxLogged {
		clear(b.logged)
	}
	b.logged[p] = true
	return true
}

// unavailable counts a failed read, and reports whether it is the first since a success.
func (b *statusBook) unavailable(name string, err error, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Failures++
	b.failed("", name, err, now)
	first := !b.silent
	b.silent = true
	return first
}

func (b *statusBook) failed(reason Reason, name string, err error, now time.Time) {
	b.status.LastError, b.status.LastReason, b.status.LastErrorTime = name+": "+err.Error(), reason, now
}

// answered records a poll in which every read succeeded; well says that nothing was refused either.
// It reports whether reads had failed before.
func (b *statusBook) answered(now time.Time, well bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status.Polls++
	b.status.LastAnswer = now
	if well {
		b.status.LastError, b.status.LastReason, b.status.LastErrorTime = "", "", time.Time{}
		clear(b.logged)
	}
	recovered := b.silent
	b.silent = false
	return recovered
}
