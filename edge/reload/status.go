package reload

import (
	"maps"
	"sync"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// Origin says where the active bundle was read.
type Origin string

// The origins.
const (
	OriginNone   Origin = ""
	OriginSource Origin = "source"
	OriginDisk   Origin = "disk" // the last known good bundle
)

// Status tells how it stands.
type Status struct {
	Environment string
	Application string // empty for all of them

	// Ready says that a bundle is active. The next fields describe it.
	Ready     bool
	Epoch     uint64
	Revision  uint64
	Origin    Origin
	Created   time.Time
	Expires   time.Time // the earlier of the manifest's expiry and RootExpires
	Activated time.Time
	Stale     bool // expired
	Canary    bool // it is for the canary only, to which the host belongs

	// RootVersion is the newest root that is trusted, which expires at RootExpires.
	RootVersion uint64
	RootExpires time.Time

	// CoreBehind says that the active bundle is decided on with the program's own core,
	// although its manifest names another.
	CoreBehind bool

	// Quarantined is the number of payloads, each with a core, that are not tried any
	// more, because they could not be activated.
	Quarantined int

	Fetched map[bundle.FetchMethod]Transfer // by method, each present

	Polls    uint64 // looks at the source that were answered
	Failures uint64 // times that the source did not answer

	// LastAnswer is when the source last answered every question; zero if it never did.
	LastAnswer time.Time

	// LastError is what went wrong last. It is empty once a look at the source, the
	// manifests beyond the hint included, met with nothing wrong.
	LastError     string
	LastReason    Reason // empty if the source did not answer
	LastErrorTime time.Time

	Rejected map[Reason]uint64 // by reason, each reason present
	Refused  map[Reason]uint64 // what of it came after the active bundle, or came at all without one
}

// Transfer counts the payloads that came by one method, and the bytes that were fetched for
// them.
type Transfer struct{ Payloads, Bytes uint64 }

// statusBook is a Status that is written by one goroutine and read by others.
type statusBook struct {
	mu      sync.Mutex
	status  Status
	expires time.Time         // of the active manifest
	before  map[Reason]uint64 // rejections when it was activated; nil before the first
	silent  bool              // the source did not answer last time
	logged  map[problem]bool  // since all was well
}

// problem identifies a rejection that was logged.
type problem struct {
	reason   Reason
	name     string
	envelope bundle.Hash
}

// maxLogged bounds the problems that are remembered to be logged once.
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

// rejected tells whether the rejection is worth a line in the log.
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

// unavailable tells whether the silence is worth a line in the log.
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

// answered notes that the source answered every question, and whether all was well. It
// tells whether the source had been silent.
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
