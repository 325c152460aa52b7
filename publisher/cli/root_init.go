package cli

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
)

// roleOptions are the holders of a role as flags give them.
type roleOptions struct {
	keys      []string // files of public keys
	threshold int
}

func (r *roleOptions) add(cmd *cobra.Command, role, what string) {
	cmd.Flags().StringArrayVar(&r.keys, role+"-key", nil, "`file` of a public key that "+what+"; may be repeated")
	cmd.Flags().IntVar(&r.threshold, role+"-threshold", 1, "how many of them must sign")
}

func (r *roleOptions) holders(role string) (bundle.Holders, error) {
	h := bundle.Holders{Threshold: r.threshold}
	if len(r.keys) == 0 {
		return h, fmt.Errorf("--%s-key: name at least one public key, made by publisher keygen --out", role)
	}
	for _, path := range r.keys {
		key, err := bundle.ReadPublicKey(path)
		if err != nil {
			return h, fmt.Errorf("--%s-key: %w", role, err)
		}
		if slices.Contains(h.Keys, key) {
			return h, fmt.Errorf("--%s-key: %s holds a key that is named already, %s", role, path, key.ID())
		}
		h.Keys = append(h.Keys, key)
	}
	return h, nil
}

type rootInitOptions struct {
	root, publish roleOptions
	validity      time.Duration
	out           string
}

func newRootInitCommand() *cobra.Command {
	var o rootInitOptions
	cmd := &cobra.Command{
		Use:   "init --root-key FILE --publish-key FILE --out DRAFT",
		Short: "Draft the first root",
		Long: `Init drafts root 1, which nobody has signed yet, of public keys. Let as many holders of
root keys sign it as must, with publisher root sign.`,
		Example: `  publisher root init --root-key alice.pub --root-key bob.pub --root-key carol.pub \
      --root-threshold 2 --publish-key ci.pub --valid-for 43800h --out root-1.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.root.add(cmd, "root", "signs roots")
	o.publish.add(cmd, "publish", "signs what is published")
	cmd.Flags().DurationVar(&o.validity, "valid-for", defaultRootValidity, "how long the root is good for")
	cmd.Flags().StringVar(&o.out, "out", "", "`file` of the draft (required)")
	markRequired(cmd, "out")
	return cmd
}

func (o *rootInitOptions) run(cmd *cobra.Command) error {
	if o.validity <= 0 {
		return errors.New("--valid-for: must be more than zero")
	}
	root, err := o.root.holders("root")
	if err != nil {
		return err
	}
	publish, err := o.publish.holders("publish")
	if err != nil {
		return err
	}
	now := time.Now()
	draft, err := bundle.NewDraft(bundle.NewRoot(1, 1, now, now.Add(o.validity), root, publish))
	if err != nil {
		return err
	}
	if err := createDraft(o.out, draft); err != nil {
		return err
	}
	writeRoot(cmd.OutOrStdout(), describeRoot(draft, nil))
	return nil
}

// markRequired marks flags that the command cannot do without.
func markRequired(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the command has no such flag
		}
	}
}
