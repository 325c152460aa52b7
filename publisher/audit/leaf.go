package audit

import (
	"errors"
	"fmt"
	"time"
	"unicode"

	"github.com/sortition-dev/sortition/bundle"
)

// Action says what kind of change made a revision. Readers take any of at most
// maxActionLength lower-case letters and underscores: logs outlive programs.
type Action string

// The actions of this program.
const (
	Publish   Action = "publish"   // a project was compiled
	Heartbeat Action = "heartbeat" // the same payload got a new expiry
	Root      Action = "root"      // the keys changed; the payload is the same
	Rollback  Action = "rollback"  // an earlier payload was published again
	Promote   Action = "promote"   // the payload that is live in another environment

	// A revision is offered to some hosts first, and then to all of them or to none.
	StartCanary   Action = "start_canary"
	PromoteCanary Action = "promote_canary"
	AbortCanary   Action = "abort_canary"

	// Changes of the live payload by command, beside the project.
	Kill       Action = "kill"
	UndoKill   Action = "undo_kill"
	PauseRamp  Action = "pause_ramp"
	ResumeRamp Action = "resume_ramp"
	JumpRamp   Action = "jump_ramp"
)

// Limits of a leaf.
const (
	// maxActionLength bounds an action, which is a word or two, in bytes.
	maxActionLength = 32

	// MaxOverrides is how many gates a leaf can say were overridden: more than a
	// revision has gates.
	MaxOverrides = 64

	// MaxWithdrawn is the largest number of withdrawn revisions in a leaf: after so many
	// rollbacks without a publish in between, the directory has to be published.
	MaxWithdrawn = 64
)

// Leaf is what happened: a leaf of the tree. Time, actor and message repeat what the
// manifest says, so that the log can be read without it.
type Leaf struct {
	Time        time.Time `json:"time"` // UTC, whole seconds
	Action      Action    `json:"action"`
	Actor       string    `json:"actor"`   // who; may be empty
	Message     string    `json:"message"` // why; may be empty
	Environment string    `json:"environment"`
	Epoch       uint64    `json:"epoch"`
	// Revision is what the leaf is about, and its number in the log, from 1.
	Revision uint64      `json:"revision"`
	Payload  bundle.Hash `json:"payload"` // of the raw payload
	// Declaration is the hash of the object that says what the payload was made of, see
	// package declaration; zeros if there is none.
	Declaration bundle.Hash `json:"declaration"`
	// Previous is the hash of the object of the entry before; of the first, zeros.
	Previous bundle.Hash `json:"previous"`
	// Root is the one that vouches for the manifest. Where it is another than in the
	// entry before, the keys have changed.
	Root RootRef `json:"root"`
	// Overrides are the gates that would have stopped the change and were overridden.
	Overrides []string `json:"overrides"`
	// Withdrawn are the revisions, ascending, that were live until a payload replaced them
	// that does not continue their allocations, such as that of a rollback, and that no
	// compiled payload has continued since. The next one that is compiled must not reuse
	// what they allocated.
	Withdrawn []uint64 `json:"withdrawn"`
	// From is the revision of another environment whose payload was promoted; nil for a
	// payload that was not.
	From *Origin `json:"from,omitempty"`
	// Base is the revision of the environment to which the payload is to be promoted whose
	// allocations it continues; nil where it continues those of its own environment.
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
		return fmt.Errorf("%s: names a revision of another environment, not of %s", name, environment)
	case o.Epoch > bundle.MaxInteger || o.Revision > bundle.MaxInteger || (o.Epoch == 0) != (o.Revision == 0):
		return fmt.Errorf("%s: there is no revision %d of epoch %d", name, o.Revision, o.Epoch)
	}
	return nil
}

// RootRef names a root, and by its hash all roots before.
type RootRef struct {
	Version uint64      `json:"version"`
	SHA256  bundle.Hash `json:"sha256"` // see bundle.Root.Hash
}

// RefOf names a root.
func RefOf(r *bundle.Root) RootRef { return RootRef{r.Version, r.Hash()} }

func (l *Leaf) complete() {
	if l.Overrides == nil {
		l.Overrides = []string{}
	}
	if l.Withdrawn == nil {
		l.Withdrawn = []uint64{}
	}
}

// validate checks what the manifest of the revision does not: its own fields are
// compared with those.
func (l *Leaf) validate() error {
	if n := len(l.Action); n == 0 || n > maxActionLength {
		return fmt.Errorf("action: must have 1 to %d letters, has %d", maxActionLength, n)
	}
	for _, c := range l.Action {
		if (c < 'a' || c > 'z') && c != '_' {
			return fmt.Errorf("action: must consist of a-z and _, is %q", l.Action)
		}
	}
	if l.Revision < 1 || l.Revision > bundle.MaxInteger {
		return fmt.Errorf("revision: must be from 1 to %d, is %d", uint64(bundle.MaxInteger), l.Revision)
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
			return fmt.Errorf("withdrawn: must be ascending and before revision %d, has %d", l.Revision, l.Withdrawn)
		}
	}
	return errors.Join(l.From.validate("from", l.Environment), l.Base.validate("base", l.Environment))
}

// checkLine accepts one line of text that every JSON writer spells the same.
func checkLine(text string) error {
	if text == "" || len(text) > bundle.MaxMessageLength {
		return fmt.Errorf("a text must have 1 to %d bytes, one has %d", bundle.MaxMessageLength, len(text))
	}
	for _, r := range text {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			return errors.New("a text contains a line break, a control character or invalid UTF-8; write one line")
		}
	}
	return nil
}
