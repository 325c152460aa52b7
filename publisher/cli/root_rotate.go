package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
)

// minimumIDPrefix is the number of digits that stand for a key's id: enough to copy.
const minimumIDPrefix = 8

// roleChange is what becomes of a role.
type roleChange struct {
	add, remove []string // files of public keys; to remove, also ids or their beginnings
	threshold   int      // 0 leaves it
}

func (r *roleChange) flags(cmd *cobra.Command, role string) {
	f := cmd.Flags()
	f.StringArrayVar(&r.add, "add-"+role+"-key", nil, "`file` of a public key to add; may be repeated")
	f.StringArrayVar(&r.remove, "remove-"+role+"-key", nil, "`key` to remove: file, or id or at least 8 digits of it; may be repeated")
	f.IntVar(&r.threshold, role+"-threshold", 0, "how many must sign (default: as before)")
}

// apply returns the holders after the change.
func (r *roleChange) apply(role string, h bundle.Holders) (bundle.Holders, error) {
	if r.threshold != 0 {
		h.Threshold = r.threshold
	}
	for _, name := range r.remove {
		i, err := findKey(h.Keys, name)
		if err != nil {
			return h, fmt.Errorf("--remove-%s-key %s: %w", role, name, err)
		}
		h.Keys = slices.Delete(h.Keys, i, i+1)
	}
	for _, path := range r.add {
		key, err := bundle.ReadPublicKey(path)
		if err != nil {
			return h, fmt.Errorf("--add-%s-key: %w", role, err)
		}
		if slices.Contains(h.Keys, key) {
			return h, fmt.Errorf("--add-%s-key: %s holds a key that has the role already, %s", role, path, key.ID())
		}
		h.Keys = append(h.Keys, key)
	}
	return h, nil
}

// findKey returns the index of a key that is named by a file, by its id, or by the
// beginning of that.
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
		case !isFile && (len(name) < minimumIDPrefix || !strings.HasPrefix(k.ID().String(), name)):
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

type rootRotateOptions struct {
	root, publish roleChange
	validity      time.Duration
	newEpoch      bool
	base          uint64
	out           string
}

func newRootRotateCommand() *cobra.Command {
	var o rootRotateOptions
	cmd := &cobra.Command{
		Use:   "rotate ROOT --out DRAFT",
		Short: "Draft the next root: other keys, other thresholds, a later expiry, a new epoch",
		Long: `Rotate drafts the root that follows ROOT. What is not said stays as it is, except for the
expiry. The draft must be signed by enough root keys of ROOT and by enough of its own.

Within an epoch, replace keys that were not stolen: what they have signed stays in force.
If a publishing key was stolen, remove it and begin a new epoch with --new-epoch. --base is
the last revision that you trust: publisher audit log lists them. It is continued, and
every later one becomes void. Hosts follow from there, however far the thief has gone.`,
		Example: `  publisher root rotate shop/keys/root.json --add-root-key dave.pub --remove-root-key 3fa94c20 --out root-2.json
  publisher root rotate shop/keys/root.json --remove-publish-key stolen.pub --add-publish-key new.pub \
      --new-epoch --base 17 --out root-2.json
  publisher root rotate shop/keys/root.json --out root-2.json     # a later expiry`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	o.root.flags(cmd, "root")
	o.publish.flags(cmd, "publish")
	f := cmd.Flags()
	f.DurationVar(&o.validity, "valid-for", defaultRootValidity, "how long the root is good for")
	f.BoolVar(&o.newEpoch, "new-epoch", false, "begin a new epoch, because a publishing key was stolen")
	f.Uint64Var(&o.base, "base", 0, "with --new-epoch: the last `revision` that counts, 0 for none")
	f.StringVar(&o.out, "out", "", "`file` of the draft (required)")
	markRequired(cmd, "out")
	cmd.MarkFlagsRequiredTogether("new-epoch", "base")
	return cmd
}

func (o *rootRotateOptions) run(cmd *cobra.Command, path string) error {
	if o.validity <= 0 {
		return errors.New("--valid-for: must be more than zero")
	}
	before, err := readRoot(path)
	if err != nil {
		return err
	}
	root, err := o.root.apply("root", rootHolders(before))
	if err != nil {
		return err
	}
	publish, err := o.publish.apply("publish", publishHolders(before))
	if err != nil {
		return err
	}
	now := time.Now()
	next := before.Next(now, now.Add(o.validity), root, publish)
	if o.newEpoch {
		if o.base < before.Base {
			return fmt.Errorf("--base %d: epoch %d began after revision %d already", o.base, before.Epoch, before.Base)
		}
		next.Epoch, next.Base = before.Epoch+1, o.base
	}
	draft, err := bundle.NewDraft(next)
	if err != nil {
		return err
	}
	if err := checkSignable(rootHolders(before), root); err != nil {
		return err
	}
	if err := createDraft(o.out, draft); err != nil {
		return err
	}
	writeRoot(cmd.OutOrStdout(), describeRoot(draft, before))
	return nil
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
		return fmt.Errorf("%d signatures are needed, %d of the keys before and %d of the new ones, and a root holds %d:"+
			" replace the keys in two steps", n, before.Threshold, own.Threshold, bundle.MaxSignatures)
	}
	return nil
}
