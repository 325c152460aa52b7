package control

import (
	"context"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/publish"
)

// rootWarning is how long before its expiry a root is warned about: time to gather the signatures
// of people who are on leave.
const rootWarning = 60 * 24 * time.Hour

const (
	// DefaultValidity is how long a revision is fresh by default.
	DefaultValidity = publish.DefaultValidity

	// minValidity is the shortest validity of a revision.
	minValidity = time.Second
)

// Signing is part of the input of every call that makes a revision.
type Signing struct {
	// Message says why, in one line, for the audit log. It may be empty unless a call demands it.
	Message string `json:"message"`

	// Validity is how long hosts call the revision fresh: at least a second, or 0 for
	// [DefaultValidity].
	Validity time.Duration `json:"validity"`
}

func (s *Signing) validity() time.Duration {
	if s.Validity == 0 {
		return DefaultValidity
	}
	return s.Validity
}

// Made is part of the result of every call that makes a revision.
type Made struct {
	Published   bool       `json:"published"` // false if nothing had to change
	Environment string     `json:"environment"`
	Epoch       uint64     `json:"epoch"`
	Revision    uint64     `json:"revision"` // the live one
	Expires     time.Time  `json:"expires"`
	Head        audit.Head `json:"head"`     // of the audit log
	Warnings    []string   `json:"warnings"` // about what a person should look after
}

// publication is a publication of a project, to which a call adds what it publishes.
type publication struct {
	*remote
	publish.Publication
}

// publication opens the project, its bucket and the keys.
func (w *Workspace) publication(ctx context.Context, load loader, s Signing) (*publication, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	r, err := w.remote(ctx, load)
	if err != nil {
		return nil, err
	}
	return w.sign(ctx, r, s)
}

func (s *Signing) check() error {
	if s.validity() < minValidity {
		return invalid("validity", "must be at least a second")
	}
	return nil
}

// sign opens the keys.
func (w *Workspace) sign(ctx context.Context, r *remote, s Signing) (*publication, error) {
	if w.options.Signers == nil {
		return nil, ErrNoKeys
	}
	signers, err := w.options.Signers(ctx, r.project)
	if err != nil {
		return nil, err
	}
	seen, err := readSeen(r.project)
	if err != nil {
		return nil, err
	}
	return &publication{r, publish.Publication{
		Store: r.store, Root: r.root, RootEnvelope: r.envelope, Signers: signers,
		Environment: r.project.Environment, Author: w.options.Author, Message: s.Message,
		Validity: s.validity(), Now: w.options.Now, Seen: seen, Progress: w.step,
	}}, nil
}

// publish publishes, and remembers the head of the audit log.
func (p *publication) publish(ctx context.Context) (*Made, *bundle.Manifest, error) {
	result, err := p.Publish(ctx)
	if err != nil {
		return nil, nil, explainSeen(p.project, err)
	}
	m := result.Manifest
	made := &Made{
		Published: result.Published, Environment: m.Environment, Epoch: m.Epoch, Revision: m.Revision,
		Expires: m.Expires, Head: audit.HeadOf(m), Warnings: []string{},
	}
	if result.HintErr != nil {
		made.warn("%s was not updated (%v); hosts find the revision within a minute", bundle.LatestName, result.HintErr)
	}
	if err := writeSeen(p.project, made.Head); err != nil {
		made.warn("the head of the audit log was not saved: %v", err)
	}
	p.warnRoot(made, result.Root)
	return made, m, nil
}

func (m *Made) warn(format string, args ...any) {
	m.Warnings = append(m.Warnings, fmt.Sprintf(format, args...))
}

// warnRoot says what to do about the newest root before it is urgent.
func (p *publication) warnRoot(made *Made, newest *bundle.Root) {
	if newest.Version > p.root.Version {
		made.warn("%s is root %d, and hosts follow root %d: replace it with %s from the bucket",
			p.project.Root, p.root.Version, newest.Version, bundle.RootName(newest.Version))
	}
	if left := newest.Expires.Sub(p.Now()); left < rootWarning {
		made.warn("root %d expires at %s; from then on hosts call every answer stale: draft the next root with publisher root rotate",
			newest.Version, newest.Expires.Format(time.RFC3339))
	}
}

// nothingLive is the error of calls that need a live revision.
func nothingLive(environment string) error {
	return fmt.Errorf("nothing is live in %s yet", environment)
}
