package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sortition-dev/sortition/bundle/payload"
)

// Manifest is one revision of one environment. It is what is signed; everything else
// is bound to it by hash.
type Manifest struct {
	Environment string `json:"environment"`
	// Epoch and Revision, compared in this order, say which of two manifests is newer.
	// Both count from 1.
	Epoch    uint64    `json:"epoch"`
	Revision uint64    `json:"revision"`
	Created  time.Time `json:"created"` // UTC, whole seconds
	// Expires is when decisions by this revision become stale. UTC, whole seconds.
	Expires time.Time `json:"expires"`
	Payload Payload   `json:"payload"`
	// Applications are the payloads of each application, in the order of their names. It is
	// empty, and then left out of the JSON, if the directory serves one application only.
	Applications []Application `json:"applications,omitempty"`
	// MinimumSchema is the version of the payload format that a reader must know.
	MinimumSchema int  `json:"minimum_schema"`
	Core          Core `json:"core"`
	// AuditHead is the head of the audit log whose newest entry is about this revision.
	AuditHead AuditHead `json:"audit_head"`
	// Canary says which hosts the revision is for; nil, in JSON null, if for every host.
	Canary  *Canary `json:"canary"`
	Author  string  `json:"author"`  // who published; may be empty
	Message string  `json:"message"` // why; one line, may be empty
}

// AuditHead commits to every entry of the audit log. There is one entry for each
// revision, and so as many as the number of the revision says.
type AuditHead struct {
	Root  Hash `json:"root"`  // of the Merkle tree of all entries (RFC 6962)
	Entry Hash `json:"entry"` // of the newest entry's object
}

// Payload names the payload's bytes: as they are, and packed in each of the ways they
// can be fetched.
type Payload struct {
	Raw    Digest  `json:"raw"`
	Gzip   Digest  `json:"gzip"`
	Zstd   Digest  `json:"zstd"`
	Deltas []Delta `json:"deltas"`
}

// Digest is the hash and the length in bytes of an object.
type Digest struct {
	SHA256 Hash  `json:"sha256"`
	Size   int64 `json:"size"`
}

// Delta is a way to make the payload from an earlier one.
type Delta struct {
	From   Hash   `json:"from"`   // hash of the earlier raw payload
	Packed Digest `json:"packed"` // the delta as it is fetched
}

// Core is the core that the payload was made for.
type Core struct {
	SHA256 Hash  `json:"sha256"` // of core.wasm
	Size   int64 `json:"size"`   // of core.wasm, in bytes
	ABI    int   `json:"abi"`
}

// CoreOf describes a core.
func CoreOf(wasm []byte, abi int) Core { return Core{HashOf(wasm), int64(len(wasm)), abi} }

// Check checks that wasm is the core. The error is ErrMismatch.
func (c Core) Check(wasm []byte) error { return Digest{c.SHA256, c.Size}.check("core", wasm) }

// Name returns the name of the manifest's envelope.
func (m *Manifest) Name() string { return ManifestName(m.Epoch, m.Revision) }

// Newer tells whether m comes after other.
func (m *Manifest) Newer(other *Manifest) bool {
	if m.Epoch != other.Epoch {
		return m.Epoch > other.Epoch
	}
	return m.Revision > other.Revision
}

// Equal tells whether two valid manifests say the same.
func (m *Manifest) Equal(other *Manifest) bool {
	a, errA := encodeCanonical(m)
	b, errB := encodeCanonical(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// CheckUsable checks that the manifest is for the environment and that this program can
// read its payload. Errors are ErrEnvironment or ErrSchema.
func (m *Manifest) CheckUsable(environment string) error {
	if m.Environment != environment {
		return fmt.Errorf("%w: revision %d is for %q, wanted is %q", ErrEnvironment, m.Revision, m.Environment, environment)
	}
	if m.MinimumSchema > payload.Schema {
		return fmt.Errorf("%w: revision %d needs payload schema %d, this program reads up to %d: upgrade it",
			ErrSchema, m.Revision, m.MinimumSchema, payload.Schema)
	}
	return nil
}

// Check checks that raw is the payload. The error is ErrMismatch.
func (p *Payload) Check(raw []byte) error { return p.Raw.check("raw payload", raw) }

// check compares data with the digest. The error is ErrMismatch.
func (d Digest) check(what string, data []byte) error {
	if int64(len(data)) != d.Size {
		return fmt.Errorf("%w: the %s has %d bytes, %d were signed", ErrMismatch, what, len(data), d.Size)
	}
	if h := HashOf(data); h != d.SHA256 {
		return fmt.Errorf("%w: the %s has the SHA-256 %s, %s was signed", ErrMismatch, what, h, d.SHA256)
	}
	return nil
}

func (m *Manifest) complete() {
	m.Payload.Deltas = listOf(m.Payload.Deltas)
	for i := range m.Applications {
		a := &m.Applications[i].Payload
		a.Deltas = listOf(a.Deltas)
	}
	if m.Canary != nil {
		m.Canary.complete()
	}
}

// SignManifest returns the envelope of a manifest whose fields are all set.
func SignManifest(m Manifest, signers ...Signer) ([]byte, error) {
	m.complete()
	if err := m.validate(); err != nil {
		return nil, err
	}
	raw, err := encodeCanonical(m)
	if err != nil {
		return nil, err
	}
	return sealEnvelope(ManifestType, raw, signers)
}

// validate checks every field. Errors are ErrManifest.
func (m *Manifest) validate() error {
	if err := errors.Join(
		CheckEnvironment(m.Environment),
		checkCount("epoch", m.Epoch),
		checkCount("revision", m.Revision),
		checkPeriod(m.Created, m.Expires),
		m.Payload.validate(),
		m.validateApplications(),
		checkVersion("minimum_schema", m.MinimumSchema),
		checkSize("core", Digest{m.Core.SHA256, m.Core.Size}, MaxCoreSize),
		checkVersion("core: abi", m.Core.ABI),
		m.Canary.validate(m.Revision),
		checkText("author", m.Author, MaxAuthorLength),
		checkText("message", m.Message, MaxMessageLength),
	); err != nil {
		return fmt.Errorf("%w: %w", ErrManifest, err)
	}
	return nil
}

func (p *Payload) validate() error {
	return errors.Join(
		checkSize("payload: raw", p.Raw, payload.MaxSize),
		checkSize("payload: gzip", p.Gzip, MaxPayloadPacked),
		checkSize("payload: zstd", p.Zstd, MaxPayloadPacked),
		p.checkDeltas(),
	)
}

func (p *Payload) checkDeltas() error {
	if len(p.Deltas) > MaxDeltas {
		return fmt.Errorf("payload: deltas: there are %d, over the limit of %d", len(p.Deltas), MaxDeltas)
	}
	from := make(map[Hash]bool, len(p.Deltas))
	for i, d := range p.Deltas {
		if from[d.From] || d.From == p.Raw.SHA256 {
			return fmt.Errorf("payload: deltas: %d: a delta from %s is there already, or needs none", i, d.From)
		}
		from[d.From] = true
		if err := checkSize(fmt.Sprintf("payload: deltas: %d", i), d.Packed, MaxPayloadPacked); err != nil {
			return err
		}
	}
	return nil
}

// CheckEnvironment checks the name of an environment: lower-case letters, digits and
// inner hyphens, at most MaxEnvironmentLength bytes. It is safe in file names, in URLs
// and in metric labels.
func CheckEnvironment(name string) error {
	if name == "" || len(name) > MaxEnvironmentLength {
		return fmt.Errorf("environment: a name has 1 to %d characters, %q has %d", MaxEnvironmentLength, name, len(name))
	}
	for i, c := range []byte(name) {
		inner := i > 0 && i < len(name)-1
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || !inner) {
			return fmt.Errorf("environment: a name consists of a-z, 0-9 and inner hyphens, not %q", name)
		}
	}
	return nil
}

func checkCount(name string, n uint64) error {
	if n < 1 || n > MaxInteger {
		return fmt.Errorf("%s: must be from 1 to %d, is %d", name, uint64(MaxInteger), n)
	}
	return nil
}

func checkVersion(name string, n int) error {
	if n < 1 || n > MaxFormatVersion {
		return fmt.Errorf("%s: must be from 1 to %d, is %d", name, MaxFormatVersion, n)
	}
	return nil
}

func checkSize(name string, d Digest, limit int64) error {
	if d.Size < 1 || d.Size > limit {
		return fmt.Errorf("%s: the size must be from 1 to %d bytes, is %d", name, limit, d.Size)
	}
	return nil
}

// checkText accepts one line of text that every JSON writer spells the same.
func checkText(name, text string, limit int) error {
	if len(text) > limit {
		return fmt.Errorf("%s: has %d bytes, over the limit of %d", name, len(text), limit)
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s: is not UTF-8", name)
	}
	for _, r := range text {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return fmt.Errorf("%s: has a line break or control character (%U); write one line", name, r)
		}
	}
	return nil
}

func checkPeriod(created, expires time.Time) error {
	if err := errors.Join(checkTime("created", created), checkTime("expires", expires)); err != nil {
		return err
	}
	if !expires.After(created) {
		return fmt.Errorf("expires: %s is not after created, %s", expires.Format(time.RFC3339), created.Format(time.RFC3339))
	}
	return nil
}

func checkTime(name string, t time.Time) error {
	if t.Location() != time.UTC || t.Nanosecond() != 0 {
		return fmt.Errorf("%s: must be UTC and in whole seconds, is %s", name, t.Format(time.RFC3339Nano))
	}
	if y := t.Year(); y < minYear || y > maxYear {
		return fmt.Errorf("%s: the year must be from %d to %d, is %d", name, minYear, maxYear, y)
	}
	return nil
}

// Years that both Go and JavaScript write with four digits, and that are no accident.
const minYear, maxYear = 1970, 9999

// wholeSeconds returns t as documents hold it.
func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
