package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// bucket is a directory into which a test publishes.
type bucket struct {
	dir      string
	rootFile string
	root     *bundle.Root
	key      *bundle.PrivateKey
}

func newBucket(t testing.TB) *bucket {
	t.Helper()
	dir := t.TempDir()
	b := &bucket{dir: filepath.Join(dir, "bucket"), rootFile: filepath.Join(dir, "root.json"), key: bundle.KeyFromSeed([32]byte{1})}
	now := time.Now()
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{b.key.Public()}}
	signed, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(time.Hour), holders, holders), b.key)
	if err != nil {
		t.Fatal(err)
	}
	if b.root, err = bundle.ParseRoot(signed); err != nil {
		t.Fatal(err)
	}
	writeFile(t, b.rootFile, string(signed))
	return b
}

// publish commits the next revision: one experiment whose configuration is the number n.
func (b *bucket) publish(t testing.TB, n int) { b.as(t, n, func(*publish.Publication) {}) }

// as does so as change wants it.
func (b *bucket) as(t testing.TB, n int, change func(*publish.Publication)) {
	t.Helper()
	project := t.TempDir()
	writeFile(t, filepath.Join(project, "sortition.yaml"), `
environment: test
bucket: unused
metrics:
  purchases: { event: purchase, kind: conversion }
`)
	writeFile(t, filepath.Join(project, "experiments", "button.yaml"), fmt.Sprintf(`
key: button
owner: tests
hypothesis: It works.
status: running
variants:
  - { key: control, weight: 50%%, config: %d }
  - { key: big, weight: 50%%, config: %d }
metrics: { primary: purchases }
`, n, n))
	p, problems := config.Load(project)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	objects, err := store.Open(t.Context(), b.dir)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := os.ReadFile(b.rootFile)
	if err != nil {
		t.Fatal(err)
	}
	publication := publish.Publication{
		Store: objects, Root: b.root, RootEnvelope: signed, Signers: []bundle.Signer{b.key},
		Environment: p.Environment, Validity: time.Hour, Now: time.Now,
		Build: publish.FromPayload(func(live *revision.Revision) ([]byte, error) {
			program, err := compile.Program(p, live.Ledger(), time.Now())
			if err != nil {
				return nil, err
			}
			return compile.Payload(program)
		}),
	}
	change(&publication)
	if _, err := publication.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
