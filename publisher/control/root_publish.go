package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// PublishRootInput says which root is published.
type PublishRootInput struct {
	Signing
	File string // of the signed root
}

// PublishedRoot is what came of it.
type PublishedRoot struct {
	Version     uint64      `json:"version"`
	SHA256      bundle.Hash `json:"sha256"`
	Epoch       uint64      `json:"epoch"`
	Base        uint64      `json:"base"`
	Environment string      `json:"environment"`
	Revision    uint64      `json:"revision"` // signed under the root, 0 if nothing was live
	File        string      `json:"file"`     // the project's root, which it replaced
	Warnings    []string    `json:"warnings"`
}

// PublishRoot puts a signed root into the bucket, signs the live revision again under it, and makes
// it the root of the project. It can be repeated if it was interrupted.
func (w *Workspace) PublishRoot(ctx context.Context, in PublishRootInput) (*PublishedRoot, error) {
	if err := in.Signing.check(); err != nil {
		return nil, err
	}
	project, err := w.load(config.LoadTarget)
	if err != nil {
		return nil, err
	}
	bucket, err := w.bucket(ctx, project)
	if err != nil {
		return nil, err
	}
	envelope, err := readEnvelope(in.File)
	if err != nil {
		return nil, &Invalid{Field: "file", Problem: err.Error()}
	}
	next, err := bundle.ParseRoot(envelope)
	if err != nil {
		return nil, &Invalid{"file", fmt.Sprintf("%s: %v", in.File, err), "publisher root show says who has signed"}
	}
	p, err := w.sign(ctx, &remote{project, bucket, next, envelope}, in.Signing)
	if err != nil {
		return nil, err
	}
	chain, err := chainTo(ctx, bucket, project.Root, next, envelope)
	if err != nil {
		return nil, err
	}
	if err := checkPublishers(next, p.Signers); err != nil {
		return nil, err
	}
	if _, err := revision.Newest(ctx, bucket, chain, project.Environment); err != nil {
		return nil, err // a root that continues what is not there would stop every publisher
	}
	p.Action, p.Force, p.Build = audit.Root, true, publish.Renew(0, p.Now)
	made, _, err := p.publish(ctx)
	if errors.Is(err, publish.ErrNothingLive) {
		made = &Made{Warnings: []string{}}
	} else if err != nil {
		return nil, err
	}
	if err := replaceRoot(project.Root, envelope); err != nil {
		return nil, err
	}
	return &PublishedRoot{
		next.Version, next.Hash(), next.Epoch, next.Base, project.Environment, made.Revision, project.Root, made.Warnings,
	}, nil
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
		return &Invalid{"key", fmt.Sprintf("%d of these keys may publish under root %d, and %d must sign the live revision again",
			len(counted), r.Version, holders.Threshold), "name them with --key"}
	}
	return nil
}

// chainTo returns the chain in the bucket from the project's root on, with next as its newest root,
// which may be there already.
func chainTo(ctx context.Context, bucket store.Store, known string, next *bundle.Root, envelope []byte) (*bundle.Chain, error) {
	given, err := readRoot(known)
	if errors.Is(err, os.ErrNotExist) {
		if next.Version > 1 {
			return nil, &Misconfigured{fmt.Errorf("%s does not exist, and root %d is not the first: put the root there that hosts trust", known, next.Version)}
		}
		return bundle.NewChain(next), nil
	}
	if err != nil {
		return nil, err
	}
	chain, err := bundle.FindChain(ctx, bucket, given)
	if err != nil {
		return nil, err
	}
	newest := chain.Root()
	switch {
	case next.Hash() == newest.Hash():
		return chain, nil
	case next.Version <= newest.Version:
		return nil, fmt.Errorf("root %d has been published already: draft the root that follows root %d", next.Version, newest.Version)
	}
	return chain.Extend(envelope)
}

// replaceRoot makes a root the one of the project.
func replaceRoot(path string, envelope []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), directoryMode); err != nil {
		return err
	}
	return durable.Replace(path, envelope, publicFileMode)
}
