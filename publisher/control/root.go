package control

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// RootState is a root document, signed or not.
type RootState struct {
	Version  uint64      `json:"version"`
	SHA256   bundle.Hash `json:"sha256"` // of the document, without its signatures
	Previous bundle.Hash `json:"previous"`
	Epoch    uint64      `json:"epoch"`
	Base     uint64      `json:"base"`
	Created  time.Time   `json:"created"`
	Expires  time.Time   `json:"expires"`

	Root    RootSigners  `json:"root"`
	Before  *RootSigners `json:"before,omitempty"` // the root keys of the root before; nil if it is not known
	Publish RoleKeys     `json:"publish"`

	// Complete says that enough keys have signed. Where the root before is not known, only this
	// root's own keys count.
	Complete bool `json:"complete"`
}

// RootSigners are the keys that may sign a root, and how many of them must.
type RootSigners struct {
	Threshold int          `json:"threshold"`
	Keys      []RootSigner `json:"keys"`
}

// RootSigner is a key that may sign a root.
type RootSigner struct {
	ID        bundle.Hash `json:"id"`
	Signature string      `json:"signature"` // signed, missing or wrong
}

// RoleKeys are the keys of a role, and how many of them must sign.
type RoleKeys struct {
	Threshold int           `json:"threshold"`
	Keys      []bundle.Hash `json:"keys"`
}

// ShowRoot reads a root or a draft. If before is not empty, it is the file of the root that the
// draft follows.
func ShowRoot(path, before string) (*RootState, error) {
	draft, err := readDraft(path)
	if err != nil {
		return nil, err
	}
	previous, err := readRootBefore(before, draft.Root())
	if err != nil {
		return nil, err
	}
	return describeRoot(draft, previous), nil
}

// describeRoot describes a draft; before is nil if it is not known.
func describeRoot(draft *bundle.Draft, before *bundle.Root) *RootState {
	r := draft.Root()
	own, complete := describeSigners(draft, rootHolders(r))
	d := &RootState{
		Version: r.Version, SHA256: r.Hash(), Previous: r.Previous, Epoch: r.Epoch, Base: r.Base,
		Created: r.Created, Expires: r.Expires,
		Root: own, Complete: complete,
		Publish: RoleKeys{r.Roles.Publish.Threshold, r.Roles.Publish.Keys},
	}
	if before != nil {
		signers, done := describeSigners(draft, rootHolders(before))
		d.Before, d.Complete = &signers, complete && done
	}
	return d
}

func describeSigners(draft *bundle.Draft, h bundle.Holders) (RootSigners, bool) {
	p := draft.Progress(h)
	s := RootSigners{Threshold: h.Threshold}
	for _, group := range []struct {
		name string
		keys []bundle.PublicKey
	}{{"signed", p.Signed}, {"missing", p.Missing}, {"wrong", p.Wrong}} {
		for _, key := range group.keys {
			s.Keys = append(s.Keys, RootSigner{key.ID(), group.name})
		}
	}
	return s, p.Done()
}

// readDraft reads a draft, or a root that is signed.
func readDraft(path string) (*bundle.Draft, error) {
	data, err := readEnvelope(path)
	if err != nil {
		return nil, &Misconfigured{err}
	}
	d, err := bundle.ParseDraft(data)
	if err != nil {
		return nil, &Misconfigured{fmt.Errorf("%s: %w", path, err)}
	}
	return d, nil
}

// createDraft writes a draft to a new file.
func createDraft(path string, d *bundle.Draft) error {
	data, err := d.Envelope()
	if err != nil {
		return err
	}
	err = durable.Create(path, data, publicFileMode)
	if errors.Is(err, fs.ErrExist) {
		return invalid("out", "%s exists already; name another file, or remove it", path)
	}
	return err
}

// readRoot reads a root that is signed.
func readRoot(path string) (*bundle.Root, error) {
	data, err := readEnvelope(path)
	if err != nil {
		return nil, &Misconfigured{err}
	}
	r, err := bundle.ParseRoot(data)
	if err != nil {
		return nil, &Misconfigured{fmt.Errorf("%s: %w", path, err)}
	}
	return r, nil
}

// readRootBefore reads the root that a draft follows, if one is given.
func readRootBefore(path string, next *bundle.Root) (*bundle.Root, error) {
	if path == "" {
		return nil, nil
	}
	before, err := readRoot(path)
	if err != nil {
		return nil, err
	}
	if before.Version+1 != next.Version || before.Hash() != next.Previous {
		return nil, invalid("root", "%s is root %d (%s), and root %d follows another (%s)",
			path, before.Version, before.Hash(), next.Version, next.Previous)
	}
	return before, nil
}

// rootHolders are those who may sign the root after r, and r itself.
func rootHolders(r *bundle.Root) bundle.Holders { return r.Holders(r.Roles.Root) }

func publishHolders(r *bundle.Root) bundle.Holders { return r.Holders(r.Roles.Publish) }
