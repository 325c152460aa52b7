package audit

import (
	"errors"
	"fmt"
	"time"
	"unicode"

	"github.com/sortition-dev/sortition/bundle"
)

// Action is the kind of change that made a revision. Readers accept unknown actions, which later
// programs may add. An action consists of at most maxActionLength lower-case letters and
// underscores.
type Action string

// The actions of this program.
const (
	Publish   Action = "publish"   // a project was compiled
	Heartbeat Action = "heartbeat" // the same payload got a new expiry
	Root      Action = "root"      // the keys changed; the payload is the same
	Rollback  Action = "rollback"  // an earlier payload was published again
	Promote   Action = "promote"   // the payload that is live in another environment

	// The start and the ends of a canary.
	StartCanary   Action = "start_canary"
	PromoteCanary Action = "promote_canary"
	AbortCanary   Action = "abort_canary"

	// Operations: changes of the live payload by command.
	Kill       Action = "kill"
	UndoKill   Action = "undo_kill"
	PauseRamp  Action = "pause_ramp"
	ResumeRamp Action = "resume_ramp"
	JumpRamp   Action = "jump_ramp"
)

// Limits of a leaf.
const (
	// maxActionLength is the largest length of an action in bytes.
	maxActionLength = 32

	// MaxOverrides is the largest number of overridden gates in a leaf. It exceeds the
	// number of gates.
	MaxOverrides = 64

	// MaxWithdrawn is the largest number of withdrawn revisions in a leaf. After this number
	// of rollbacks in a row, the project must be published before the next.
	MaxWithdrawn = 64
)

// Leaf is a leaf of the tree. It describes a revision. Time, actor and message equal those of the
// manifest, so that the log can be read without it.
type Leaf struct {
	Time        time.Time `json:"time"` // UTC, whole seconds
	Action      Action    `json:"action"`
	Actor       string    `json:"actor"`   // who; may be empty
	Message     string    `json:"message"` // why; may be empty
	Environment string    `json:"environment"`
	Epoch       uint64    `json:"epoch"`
	// Revision is the revision that the leaf describes, and its number in the log, from 1.
	Revision uint64      `json:"revision"`
	Payload  bundle.Hash `json:"payload"` // of the raw payload
	// Declaration is the hash of the declaration that the payload was compiled from, see
	// package declaration; zeros if there is none.
	Declaration bundle.Hash `json:"declaration"`
	// Previous is the hash of the previous entry's object; zeros in the first entry.
	Previous bundle.Hash `json:"previous"`
	// Root is the root whose keys signed the manifest. If it differs from that of the
	// previous entry, the keys changed.
	Root RootRef `json:"root"`
	// Overrides are the gates that would have stopped the change and were overridden.
	Overrides []string `json:"overrides"`
	// Withdrawn are revisions, ascending, that were replaced by a payload that does not
	// continue their allocations, for example by a rollback. They stay in the list until the
	// next payload is compiled, which must not reuse their allocations.
	Withdrawn []uint64 `json:"withdrawn"`
	// From is the revision of another environment whose payload was promoted; nil if the
	// payload was not promoted.
	From *Origin `json:"from,omitempty"`
	// Base is the revision whose allocations the payload continues, in the environment to
	// which it will be promoted; nil if it continues those of its own environment.
	Base *Origin `json:"base,omitempty"`
}

// Origin names a revision of another environment.
type Origin struct {
	Environment string `json:"environment"`
	Epoch       uint64 `json:"epoch"`    // 0 before the first revision
	Revision    uint64 `json:"revision"` // 0 before the first
}

func (o *Origin) validate(name, environment string) error {
	if o == nil {
		return nil
	}
	if err := bundle.CheckEnvironment(o.Environment); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case o.Environment == environment:
		return fmt.Errorf("%s: must name a revision of another environment than %s", name, environment)
	case o.Epoch > bundle.MaxInteger || o.Revision > bundle.MaxInteger || (o.Epoch == 0) != (o.Revision == 0):
		return fmt.Errorf("%s: there is no revision %d of epoch %d", name, o.Revision, o.Epoch)
	}
	return nil
}

// RootRef identifies a root, and by its hash also all previous roots.
type RootRef struct {
	Version uint64      `json:"version"`
	SHA256  bundle.Hash `json:"sha256"` // see [bundle.Root.Hash]
}

// RefOf returns the reference to a root.
func RefOf(r *bundle.Root) RootRef { return RootRef{r.Version, r.Hash()} }

func (l *Leaf) complete() {
	if l.Overrides == nil {
		l.Overrides = []string{}
	}
	if l.Withdrawn == nil {
		l.Withdrawn = []uint64{}
	}
}

// validate checks the fields that the manifest does not have. The others are compared with the
// manifest.
func (l *Leaf) validate() error {
	if n := len(l.Action); n == 0 || n > maxActionLength {
		return fmt.Errorf("action: must have 1 to %d letters; has %d", maxActionLength, n)
	}
	for _, c := range l.Action {
		if (c < 'a' || c > 'z') && c != '_' {
			return fmt.Errorf("action: must consist of a-z and _; is %q", l.Action)
		}
	}
	if l.Revision < 1 || l.Revision > bundle.MaxInteger {
		return fmt.Errorf("revision: must be from 1 to %d; is %d", uint64(bundle.MaxInteger), l.Revision)
	}
	if n := len(l.Overrides); n > MaxOverrides {
		return fmt.Errorf("overrides: there are %d; the limit is %d", n, MaxOverrides)
	}
	for _, text := range l.Overrides {
		if err := checkLine(text); err != nil {
			return fmt.Errorf("overrides: %w", err)
		}
	}
	if n := len(l.Withdrawn); n > MaxWithdrawn {
		return fmt.Errorf("withdrawn: there are %d revisions; the limit is %d: publish the directory", n, MaxWithdrawn)
	}
	for i, revision := range l.Withdrawn {
		if revision == 0 || revision >= l.Revision || i > 0 && revision <= l.Withdrawn[i-1] {
			return fmt.Errorf("withdrawn: must be ascending and before revision %d; is %d", l.Revision, l.Withdrawn)
		}
	}
	return errors.Join(l.From.validate("from", l.Environment), l.Base.validate("base", l.Environment))
}

// checkLine checks that a text is one line that every JSON encoder writes in the same way.
func checkLine(text string) error {
	if text == "" || len(text) > bundle.MaxMessageLength {
		return fmt.Errorf("a text must have 1 to %d bytes; one has %d", bundle.MaxMessageLength, len(text))
	}
	for _, r := range text {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return errors.New("a text contains a line break, a control character or invalid UTF-8; write one line")
		}
	}
	return nil
}
