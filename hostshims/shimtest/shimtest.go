// Package shimtest publishes a small shop for the tests of shims.
//
// This package is internal to Sortition and may change without notice.
package shimtest

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// validity is longer than every test.
const validity = 24 * time.Hour

// Secret is a secret for cookies and headers.
const Secret = "0123456789abcdef0123456789abcdef"

// Environment is the shop's environment.
const Environment = "test"

// shop has the files of the shop. The experiment button touches /cart and is sticky. The experiment
// hero and the flag banner touch /. The flag is on for phones.
var shop = map[string]string{
	"sortition.yaml": "environment: test\nbucket: bucket\nattributes: {device: string, country: string}\n",
	"experiments/button.yaml": `key: button
status: running
sticky: true
audience: "!present(country) || country != \"FR\""
variants: [{key: control, weight: 50%}, {key: green, weight: 50%, config: {color: green}}]
routes: [/cart, /cart/:step]
`,
	"experiments/hero.yaml": `key: hero
status: running
audience: present(country)
variants: [{key: a, weight: 50%}, {key: b, weight: 50%}]
routes: [/]
`,
	"flags/banner.yaml": `key: banner
status: running
variants: [{key: on, config: true}, {key: off, config: false}]
default: off
rules: [{audience: device == "mobile", variant: on}]
routes: [/]
`,
}

// Shop is a bucket with the shop's bundles.
type Shop struct {
	Bucket string // directory of the bucket, set by New
	Root   []byte // the signed root document

	t     testing.TB
	dir   string // of the project
	store store.Store
	key   *bundle.PrivateKey
}

// New publishes the shop into a directory.
func New(t testing.TB) *Shop {
	t.Helper()
	dir := t.TempDir()
	bucket, err := store.NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := NewIn(t, bucket)
	s.Bucket = dir
	return s
}

// NewIn publishes the shop into an empty store.
func NewIn(t testing.TB, bucket store.Store) *Shop {
	t.Helper()
	s := &Shop{t: t, dir: t.TempDir(), store: bucket, key: bundle.KeyFromSeed([32]byte{1})}
	now := time.Now()
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{s.key.Public()}}
	var err error
	if s.Root, err = bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(validity), holders, holders), s.key); err != nil {
		t.Fatal(err)
	}
	for name, text := range shop {
		s.write(name, text)
	}
	s.publish()
	return s
}

// Publish replaces a file of the shop, and publishes the shop.
func (s *Shop) Publish(name, text string) {
	s.t.Helper()
	s.write(name, text)
	s.publish()
}

func (s *Shop) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Shop) publish() {
	s.t.Helper()
	project, problems := config.Load(s.dir)
	if err := problems.Err(); err != nil {
		s.t.Fatal(err)
	}
	_, err := (&publish.Publication{
		Store: s.store, Root: s.root(), RootEnvelope: s.Root, Signers: []bundle.Signer{s.key},
		Environment: Environment, Validity: validity, Now: time.Now,
		Build: publish.FromPayload(func(live *revision.Revision) ([]byte, error) {
			program, err := compile.Program(project, live.Ledger(), time.Now())
			if err != nil {
				return nil, err
			}
			return compile.Payload(program)
		}),
	}).Publish(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *Shop) root() *bundle.Root {
	s.t.Helper()
	root, err := bundle.ParseRoot(s.Root)
	if err != nil {
		s.t.Fatal(err)
	}
	return root
}

// Open opens a host on the shop. The host polls only when Refresh is called, and is closed at the
// end of the test.
func (s *Shop) Open() *host.Host {
	s.t.Helper()
	h, err := host.Open(context.Background(), host.Options{
		Source: s.store, Root: s.root(), Environment: Environment, Poll: validity, Instances: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = h.Close(context.Background()) })
	return h
}
