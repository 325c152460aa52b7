package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

func newRootCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "root",
		Short: "Say whose signatures count: make, sign and publish root documents",
		Long: `A root document names the keys that hosts trust: root keys, of which so many must sign
the next root, and publishing keys, of which so many must sign what is published. Hosts are
given one root and follow the later ones by themselves.

A draft is made with init or rotate, signed by one signer after the other with sign, each
on a machine of their own that need not be online, and published with publish. It is one
file, which travels between them.

If a publishing key is stolen, begin a new epoch: what the thief has published, or will,
is void for every host that has seen the new root. A root key that is stolen does no harm
as long as the thief has fewer than must sign; replace it.`,
		Example: `  publisher keygen --out alice.key --encrypt           # each signer, and so on
  publisher root init --root-key alice.pub --root-key bob.pub --root-key carol.pub \
      --root-threshold 2 --publish-key ci.pub --out root-1.json
  publisher root sign root-1.json --key alice.key
  publisher root sign root-1.json --key bob.key
  publisher root publish shop root-1.json

  publisher root rotate shop/keys/root.json --remove-publish-key ci.pub \
      --add-publish-key new.pub --new-epoch --base 17 --out root-2.json`,
	}, newRootInitCommand(), newRootRotateCommand(), newRootSignCommand(), newRootShowCommand(), inEnvironment(newRootPublishCommand)())
}

// readDraft reads a draft, or a root that is signed.
func readDraft(path string) (*bundle.Draft, error) {
	data, err := readEnvelope(path)
	if err != nil {
		return nil, err
	}
	d, err := bundle.ParseDraft(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}

// createDraft writes a draft to a new file.
func createDraft(path string, d *bundle.Draft) error {
	data, err := d.Envelope()
	if err != nil {
		return failed(err)
	}
	err = durable.Create(path, data, publicFileMode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already: choose another name with --out, or remove it", path)
	}
	return failed(err)
}

// readRoot reads a root that is signed.
func readRoot(path string) (*bundle.Root, error) {
	data, err := readEnvelope(path)
	if err != nil {
		return nil, err
	}
	r, err := bundle.ParseRoot(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// readRootBefore reads the root that a draft is to follow, if one is given.
func readRootBefore(path string, next *bundle.Root) (*bundle.Root, error) {
	if path == "" {
		return nil, nil
	}
	before, err := readRoot(path)
	if err != nil {
		return nil, err
	}
	if before.Version+1 != next.Version || before.Hash() != next.Previous {
		return nil, fmt.Errorf("--root %s is root %d (%s), and not the one that root %d follows (%s)",
			path, before.Version, before.Hash(), next.Version, next.Previous)
	}
	return before, nil
}

// rootHolders are those who may sign the root after r, and r itself.
func rootHolders(r *bundle.Root) bundle.Holders { return r.Holders(r.Roles.Root) }

func publishHolders(r *bundle.Root) bundle.Holders { return r.Holders(r.Roles.Publish) }
