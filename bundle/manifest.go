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

// Manifest describes one revision of one environment. Only the manifest is signed; it names
// everything else by hash.
type Manifest struct {
	Environment string `json:"environment"`
	// Epoch and Revision count from 1. The newer of two manifests has the higher epoch or,
	// in the same epoch, the higher revision.
	Epoch    uint64    `json:"epoch"`
	Revision uint64    `json:"revision"`
	Created  time.Time `json:"created"` // UTC, whole seconds
	// Expires is when hosts report decisions of this revision as stale. UTC, whole seconds.
	Expires time.Time `json:"expires"`
	Payload Payload   `json:"payload"`
	// Applications are the payloads of the applications, in ascending order of name. It is
	// empty, and absent from the JSON, if the project declares no applications.
	Applications []Application `json:"applications,omitempty"`
	// MinimumSchema is the lowest version of the payload format that a reader must support.
	MinimumSchema int  `json:"minimum_schema"`
	Core          Core `json:"core"`
	// AuditHead is the head of the audit log. Its newest entry is the one of this revision.
	AuditHead AuditHead `json:"audit_head"`
	// Canary says which hosts the revision is for. It is nil, in JSON null, if the revision
	// is for every host.
	Canary  *Canary `json:"canary"`
	Author  string  `json:"author"`  // who published; may be empty
	Message string  `json:"message"` // why; one line, may be empty
}

// AuditHead commits to every entry of the audit log. The log has one entry for each revision,
// so the number of entries is the number of the revision.
type AuditHead struct {
	Root  Hash `json:"root"`  // of the Merkle tree of all entries (RFC 6962)
	Entry Hash `json:"entry"` // of the newest entry's object
}

// Payload has the digests of a payload: of the raw bytes, and of each packed form.
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

// Delta is a packed payload that an earlier payload is needed to inflate.
type Delta struct {
	From   Hash   `json:"from"`   // hash of the earlier raw payload
	Packed Digest `json:"packed"` // of the object that hosts fetch
}

// Core is the core that the payload was made for.
type Core struct {
	SHA256 Hash  `json:"sha256"` // of core.wasm
	Size   int64 `json:"size"`   // of core.wasm, in bytes
	ABI    int   `json:"abi"`
}

// CoreOf describes a core.
func CoreOf(wasm []byte, abi int) Core { return Core{HashOf(wasm), int64(len(wasm)), abi} }

// Check checks that wasm is the core. The error is [ErrMismatch].
func (c Core) Check(wasm []byte) error { return Digest{c.SHA256, c.Size}.check("core", wasm) }

// Name returns the name of the manifest's envelope.
func (m *Manifest) Name() string { return ManifestName(m.Epoch, m.Revision) }

// Newer reports whether m is newer than other.
func (m *Manifest) Newer(other *Manifest) bool {
	if m.Epoch != other.Epoch {
		return m.Epoch > other.Epoch
	}
	return m.Revision > other.Revision
}

// Equal reports whether two valid manifests are equal in every field.
func (m *Manifest) Equal(other *Manifest) bool {
	a, errA := encodeCanonical(m)
	b, errB := encodeCanonical(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// CheckUsable checks that the manifest is for the environment and that this program can read
// its payload. Errors are [ErrEnvironment] or [ErrSchema].
func (m *Manifest) CheckUsable(environment string) error {
	if m.Environment != environment {
		return fmt.Errorf("%w: revision %d is for %q, not for %q", ErrEnvironment, m.Revision, m.Environment, environment)
	}
	if m.MinimumSchema > payload.Schema {
		return fmt.Errorf("%w: revision %d needs payload schema %d; this program reads up to %d: upgrade it",
			ErrSchema, m.Revision, m.MinimumSchema, payload.Schema)
	}
	return nil
}

// Check checks that raw is the payload. The error is [ErrMismatch].
func (p *Payload) Check(raw []byte) error { return p.Raw.check("raw payload", raw) }

// check compares data with the digest. The error is ErrMismatch.
func (d Digest) check(what string, data []byte) error {
	if int64(len(data)) != d.Size {
		return fmt.Errorf("%w: the %s has %d bytes; %d were signed", ErrMismatch, what, len(data), d.Size)
	}
	if h := HashOf(data); h != d.SHA256 {
		return fmt.Errorf("%w: the %s has the SHA-256 %s; %s was signed", ErrMismatch, what, h, d.SHA256)
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

// SignManifest returns the signed envelope of a manifest. Errors are [ErrManifest] if a field is
// invalid, and those of the signers.
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
		return fmt.Errorf("payload: deltas: there are %d; the limit is %d", len(p.Deltas), MaxDeltas)
	}
	from := make(map[Hash]bool, len(p.Deltas))
	for i, d := range p.Deltas {
		if from[d.From] || d.From == p.Raw.SHA256 {
			return fmt.Errorf("payload: deltas: %d: the payload %s is the new one, or has a delta already", i, d.From)
		}
		from[d.From] = true
		if err := checkSize(fmt.Sprintf("payload: deltas: %d", i), d.Packed, MaxPayloadPacked); err != nil {
			return err
		}
	}
	return nil
}

// CheckEnvironment checks the name of an environment: 1 to [MaxEnvironmentLength] lower-case
// letters, digits and inner hyphens. Such a name is safe in file names, URLs and metric labels.
func CheckEnvironment(name string) error {
	if name == "" || len(name) > MaxEnvironmentLength {
		return fmt.Errorf("environment: a name must have 1 to %d characters; %q has %d", MaxEnvironmentLength, name, len(name))
	}
	for i, c := range []byte(name) {
		inner := i > 0 && i < len(name)-1
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || !inner) {
			return fmt.Errorf("environment: a name may contain a-z, 0-9 and inner hyphens only; it is %q", name)
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
		return fmt.Errorf("%s: the size must be from 1 to %d bytes; is %d", name, limit, d.Size)
	}
	return nil
}

// checkText checks that a text is one line that every JSON encoder writes in the same way.
func checkText(name, text string, limit int) error {
	if len(text) > limit {
		return fmt.Errorf("%s: has %d bytes; the limit is %d", name, len(text), limit)
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s: is not UTF-8", name)
	}
	for _, r := range text {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return fmt.Errorf("%s: must be one line without control characters; has %U", name, r)
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
		return fmt.Errorf("%s: must be UTC and in whole seconds; is %s", name, t.Format(time.RFC3339Nano))
	}
	if y := t.Year(); y < minYear || y > maxYear {
		return fmt.Errorf("%s: the year must be from %d to %d; is %d", name, minYear, maxYear, y)
	}
	return nil
}

// The years that a document may contain. Go and JavaScript write them with four digits.
const minYear, maxYear = 1970, 9999

// wholeSeconds returns t in UTC, truncated to seconds, as documents hold times.
func wholeSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
