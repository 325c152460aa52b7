package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// validity is how long the keys and the bundle of a replay are valid. It is longer than any
// replay takes.
const validity = 24 * time.Hour

// open publishes a project into a temporary directory, signed with a temporary key, and
// opens a host that reads it, as if a publisher and an edge shared a bucket. It removes the
// directory before it returns.
func open(ctx context.Context, dir string) (*host.Host, *model.Program, error) {
	project, problems := config.Load(dir)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	program, err := compile.Program(project, nil, time.Now())
	if err != nil {
		return nil, nil, err
	}
	bucket, err := os.MkdirTemp("", "replay")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(bucket)
	objects, err := store.Open(ctx, bucket)
	if err != nil {
		return nil, nil, err
	}
	root, err := publishProgram(ctx, objects, project.Environment, program)
	if err != nil {
		return nil, nil, err
	}
	h, err := host.Open(ctx, host.Options{
		Source: objects, Root: root, Environment: project.Environment,
		Poll: validity, Instances: 1, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return nil, nil, err
	}
	if !h.Snapshot().Ready {
		return nil, nil, fmt.Errorf("the host refuses the published bundle: %v", h.Status())
	}
	return h, program, nil
}

func publishProgram(ctx context.Context, objects store.Store, environment string, program *model.Program) (*bundle.Root, error) {
	key, err := bundle.GenerateKey()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	signed, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(validity), holders, holders), key)
	if err != nil {
		return nil, err
	}
	root, err := bundle.ParseRoot(signed)
	if err != nil {
		return nil, err
	}
	publication := publish.Publication{
		Store: objects, Root: root, RootEnvelope: signed, Signers: []bundle.Signer{key},
		Environment: environment, Validity: validity, Now: time.Now,
		Build: publish.FromPayload(func(*revision.Revision) ([]byte, error) { return compile.Payload(program) }),
	}
	_, err = publication.Publish(ctx)
	return root, err
}
