package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

type rootPublishOptions struct{ revisionFlags }

func newRootPublishCommand() *cobra.Command {
	var o rootPublishOptions
	cmd := &cobra.Command{
		Use:   "publish DIR ROOT",
		Short: "Publish a signed root to a project's bucket",
		Long: `Publish checks that the root follows the newest one in the bucket and that enough have
signed it, puts it there, and signs the live revision again under it, with the publishing
keys: hosts that follow the root need a revision that it vouches for. Then it becomes the
root of the project directory.

It can be repeated if it was interrupted.`,
		Example: `  publisher root publish shop root-2.json -m 'the key of the build server was stolen'
  publisher root publish shop root-2.json --key new.key`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0], args[1]) },
	}
	o.add(cmd)
	return cmd
}

func (o *rootPublishOptions) run(cmd *cobra.Command, dir, path string) error {
	if err := o.check(); err != nil {
		return err
	}
	project, bucket, err := openProject(cmd, dir, config.LoadTarget)
	if err != nil {
		return err
	}
	envelope, err := readEnvelope(path)
	if err != nil {
		return err
	}
	next, err := bundle.ParseRoot(envelope)
	if err != nil {
		return fmt.Errorf("%s: %w; publisher root show says who has signed", path, err)
	}
	p, err := o.publication(cmd, &remote{project, bucket, next, envelope})
	if err != nil {
		return err
	}
	chain, err := chainTo(cmd.Context(), bucket, project.Root, next, envelope)
	if err != nil {
		return err
	}
	if err := checkPublishers(next, p.Signers); err != nil {
		return err
	}
	if _, err := revision.Newest(cmd.Context(), bucket, chain, project.Environment); err != nil {
		return failed(err) // a root that continues what is not there would stop every publisher
	}
	p.Action, p.Force, p.Build = audit.Root, true, publish.Renew(0, p.Now)
	result, err := p.publish(cmd)
	if err != nil && !errors.Is(err, publish.ErrNothingLive) {
		return err
	}
	if err := replaceRoot(project.Root, envelope); err != nil {
		return failed(err)
	}
	return writePublishedRoot(cmd.OutOrStdout(), o.format, project.Root, next, result)
}

// checkPublishers checks that the keys may publish under a root.
func checkPublishers(r *bundle.Root, signers []bundle.Signer) error {
	holders := publishHolders(r)
	counted := map[bundle.PublicKey]bool{}
	for _, s := range signers {
		if slices.Contains(holders.Keys, s.Public()) {
			counted[s.Public()] = true
		}
	}
	if len(counted) < holders.Threshold {
		return fmt.Errorf("%d of these keys may publish under root %d, %d must sign the live revision again: name them with --key",
			len(counted), r.Version, holders.Threshold)
	}
	return nil
}

// chainTo returns the chain in the bucket from the project's root on, with next as its
// newest root, which may be there already.
func chainTo(ctx context.Context, bucket store.Store, known string, next *bundle.Root, envelope []byte) (*bundle.Chain, error) {
	given, err := readRoot(known)
	if os.IsNotExist(err) {
		if next.Version > 1 {
			return nil, fmt.Errorf("%s does not exist, and root %d is not the first: put the root there that hosts trust", known, next.Version)
		}
		return bundle.NewChain(next), nil
	}
	if err != nil {
		return nil, err
	}
	chain, err := bundle.FindChain(ctx, bucket, given)
	if err != nil {
		return nil, failed(err)
	}
	newest := chain.Root()
	switch {
	case next.Hash() == newest.Hash():
		return chain, nil
	case next.Version <= newest.Version:
		return nil, failed(fmt.Errorf("root %d has been published already: draft the root that follows root %d", next.Version, newest.Version))
	}
	chain, err = chain.Extend(envelope)
	return chain, failed(err)
}

// replaceRoot makes a root the one of the project.
func replaceRoot(path string, envelope []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), directoryMode); err != nil {
		return err
	}
	return durable.Replace(path, envelope, publicFileMode)
}

// publishedRoot is the JSON form of what came of it.
type publishedRoot struct {
	Version  uint64      `json:"version"`
	SHA256   bundle.Hash `json:"sha256"`
	Epoch    uint64      `json:"epoch"`
	Base     uint64      `json:"base"`
	Revision uint64      `json:"revision"` // signed under the root, 0 if nothing was live
}

// writePublishedRoot writes what came of it; result is nil if nothing was live.
func writePublishedRoot(w io.Writer, format, path string, r *bundle.Root, result *publish.Result) error {
	revision := uint64(0)
	if result != nil {
		revision = result.Manifest.Revision
	}
	if format == "json" {
		return writeJSON(w, publishedRoot{r.Version, r.Hash(), r.Epoch, r.Base, revision})
	}
	fmt.Fprintf(w, "root %d is published: hosts follow it within a minute\n", r.Version)
	if revision != 0 {
		fmt.Fprintf(w, "revision %d of %s is signed under it\n", revision, result.Manifest.Environment)
	}
	_, err := fmt.Fprintf(w, "%s is root %d now: commit it, and give it to new hosts\n", path, r.Version)
	return err
}
