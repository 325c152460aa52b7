package control

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// DefaultRootValidity is how long the keys of a root are good for by default.
const DefaultRootValidity = 5 * 365 * 24 * time.Hour

// minIDPrefix is the number of digits that may stand for the id of a key.
const minIDPrefix = 8

// Role is who holds a role of a new root.
type Role struct {
	Keys      []string // files of public keys, at least one
	Threshold int      // how many of them must sign, at least 1
}

// RootInput says what the first root holds.
type RootInput struct {
	Root, Publish Role
	Validity      time.Duration // [DefaultRootValidity] if it is 0
	Out           string        // the file of the draft, which must not exist
	Now           time.Time
}

// DraftRoot drafts root 1, which nobody has signed yet.
func DraftRoot(in RootInput) (*RootState, error) {
	validity, err := rootValidity(in.Validity)
	if err != nil {
		return nil, err
	}
	root, err := in.Root.holders("root_key")
	if err != nil {
		return nil, err
	}
	publish, err := in.Publish.holders("publish_key")
	if err != nil {
		return nil, err
	}
	draft, err := bundle.NewDraft(bundle.NewRoot(1, 1, in.Now, in.Now.Add(validity), root, publish))
	if err != nil {
		return nil, &Invalid{Problem: err.Error()}
	}
	if err := createDraft(in.Out, draft); err != nil {
		return nil, err
	}
	return describeRoot(draft, nil), nil
}

func rootValidity(v time.Duration) (time.Duration, error) {
	switch {
	case v < 0:
		return 0, invalid("validity", "must be more than zero")
	case v == 0:
		return DefaultRootValidity, nil
	}
	return v, nil
}

func (r *Role) holders(field string) (bundle.Holders, error) {
	h := bundle.Holders{Threshold: r.Threshold}
	if len(r.Keys) == 0 {
		return h, invalid(field, "name at least one public key; publisher keygen --out makes one")
	}
	for _, path := range r.Keys {
		key, err := bundle.ReadPublicKey(path)
		if err != nil {
			return h, &Invalid{Field: field, Problem: err.Error()}
		}
		if slices.Contains(h.Keys, key) {
			return h, invalid(field, "%s holds a key that is named already, %s", path, key.ID())
		}
		h.Keys = append(h.Keys, key)
	}
	return h, nil
}

// RoleChange is what changes about a role.
type RoleChange struct {
	Add       []string // files of public keys
	Remove    []string // files of public keys, ids, or beginnings of ids of at least 8 digits
	Threshold int      // 0 leaves it
}

// RotateInput says how the next root differs.
type RotateInput struct {
	From          string // the file of the root that it follows
	Root, Publish RoleChange
	Validity      time.Duration // [DefaultRootValidity] if it is 0
	NewEpoch      bool          // begins an epoch, because a publishing key was stolen
	Base          uint64        // with NewEpoch: the last revision that counts, 0 for none
	Out           string        // the file of the draft, which must not exist
	Now           time.Time
}

// RotateRoot drafts the root that follows another.
func RotateRoot(in RotateInput) (*RootState, error) {
	validity, err := rootValidity(in.Validity)
	if err != nil {
		return nil, err
	}
	before, err := readRoot(in.From)
	if err != nil {
		return nil, err
	}
	root, err := in.Root.apply("root_key", rootHolders(before))
	if err != nil {
		return nil, err
	}
	publish, err := in.Publish.apply("publish_key", publishHolders(before))
	if err != nil {
		return nil, err
	}
	next := before.Next(in.Now, in.Now.Add(validity), root, publish)
	if in.NewEpoch {
		if in.Base < before.Base {
			return nil, invalid("base", "%d: epoch %d already began after revision %d", in.Base, before.Epoch, before.Base)
		}
		next.Epoch, next.Base = before.Epoch+1, in.Base
	}
	draft, err := bundle.NewDraft(next)
	if err != nil {
		return nil, &Invalid{Problem: err.Error()}
	}
	if err := checkSignable(rootHolders(before), root); err != nil {
		return nil, err
	}
	if err := createDraft(in.Out, draft); err != nil {
		return nil, err
	}
	return describeRoot(draft, before), nil
}

// apply returns the holders after the change.
func (r *RoleChange) apply(field string, h bundle.Holders) (bundle.Holders, error) {
	if r.Threshold != 0 {
		h.Threshold = r.Threshold
	}
	for _, name := range r.Remove {
		i, err := findKey(h.Keys, name)
		if err != nil {
			return h, invalid("remove_"+field, "%s: %v", name, err)
		}
		h.Keys = slices.Delete(h.Keys, i, i+1)
	}
	for _, path := range r.Add {
		key, err := bundle.ReadPublicKey(path)
		if err != nil {
			return h, &Invalid{Field: "add_" + field, Problem: err.Error()}
		}
		if slices.Contains(h.Keys, key) {
			return h, invalid("add_"+field, "%s holds a key that has the role already, %s", path, key.ID())
		}
		h.Keys = append(h.Keys, key)
	}
	return h, nil
}

// findKey returns the index of a key that is named by a file, by its id, or by the beginning of
// that.
func findKey(keys []bundle.PublicKey, name string) (int, error) {
	found := -1
	key, err := bundle.ReadPublicKey(name)
	isFile := err == nil
	if !isFile && !errors.Is(err, fs.ErrNotExist) {
		return found, err
	}
	for i, k := range keys {
		switch {
		case isFile && k != key:
		case !isFile && (len(name) < minIDPrefix || !strings.HasPrefix(k.ID().String(), name)):
		case found >= 0:
			return found, errors.New("is the beginning of several ids")
		default:
			found = i
		}
	}
	if found < 0 {
		return found, errors.New("no such key holds the role; publisher root show lists those that do")
	}
	return found, nil
}

// checkSignable checks that the signatures that both roots demand fit into one envelope.
func checkSignable(before, own bundle.Holders) error {
	both := 0
	for _, key := range own.Keys {
		if slices.Contains(before.Keys, key) {
			both++
		}
	}
	shared := min(both, before.Threshold, own.Threshold)
	if n := before.Threshold + own.Threshold - shared; n > bundle.MaxSignatures {
		return invalid("", "%d signatures are needed, %d of the keys before and %d of the new ones, and a root holds %d:"+
			" replace the keys in two steps", n, before.Threshold, own.Threshold, bundle.MaxSignatures)
	}
	return nil
}

// SignRoot adds signatures to a draft, in its file. If before is not empty, it is the file of the
// root that the draft follows.
func SignRoot(path, before string, signers []bundle.Signer) (*RootState, error) {
	draft, err := readDraft(path)
	if err != nil {
		return nil, err
	}
	previous, err := readRootBefore(before, draft.Root())
	if err != nil {
		return nil, err
	}
	allowed := rootHolders(draft.Root()).Keys
	if previous != nil {
		allowed = slices.Concat(allowed, rootHolders(previous).Keys)
	}
	for _, s := range signers {
		if !slices.Contains(allowed, s.Public()) {
			return nil, invalid("key", "key %s is no root key of root %d%s", s.Public().ID(), draft.Root().Version, elsewhere(draft.Root(), previous))
		}
	}
	if err := draft.Sign(signers...); err != nil {
		return nil, err
	}
	data, err := draft.Envelope()
	if err != nil {
		return nil, err
	}
	if err := durable.Replace(path, data, publicFileMode); err != nil {
		return nil, err
	}
	return describeRoot(draft, previous), nil
}

// elsewhere says where else a key may have the right to sign.
func elsewhere(r, before *bundle.Root) string {
	switch {
	case before != nil:
		return fmt.Sprintf(", nor of root %d", before.Version)
	case r.Version > 1:
		return fmt.Sprintf("; if it is one of root %d, name that file with --root", r.Version-1)
	}
	return ""
}
