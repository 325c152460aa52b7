package caddy

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/reload"
)

const (
	defaultEnvironment = "production"

	// closeTimeout bounds the wait for decisions in flight. They take microseconds.
	closeTimeout = 5 * time.Second
)

// Source is the source of the bundles and the trusted root.
type Source struct {
	Bundles     string         `json:"bundles"`
	Root        string         `json:"root"` // file of the signed root document
	Environment string         `json:"environment,omitempty"`
	Application string         `json:"application,omitempty"`
	StateDir    string         `json:"state_dir,omitempty"`
	Poll        caddy.Duration `json:"poll,omitempty"`
	Engine      string         `json:"engine,omitempty"` // of the core, as for host.Options
}

// hosts are the open hosts. A host stays open while a loaded configuration has its source.
var hosts = caddy.NewUsagePool()

type running struct{ *host.Host }

// Destruct closes the host after the last handler with it.
func (r *running) Destruct() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return r.Close(ctx)
}

func (s *Source) key() string {
	key, _ := json.Marshal(s) // strings and numbers cannot fail
	return string(key)
}

func (s *Source) open(ctx caddy.Context) (*running, error) {
	envelope, err := os.ReadFile(s.Root)
	if err != nil {
		return nil, err
	}
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		return nil, err
	}
	source, err := s.source(ctx)
	if err != nil {
		return nil, err
	}
	h, err := host.Open(ctx, host.Options{
		Source: source, Root: root, Environment: s.Environment, Application: s.Application,
		StateDir: s.StateDir, Poll: time.Duration(s.Poll), Engine: host.Engine(s.Engine), Logger: ctx.Slogger(),
	})
	return &running{h}, err
}

func (s *Source) source(ctx context.Context) (bundle.Source, error) {
	if strings.HasPrefix(s.Bundles, "https://") || strings.HasPrefix(s.Bundles, "http://") {
		return reload.NewHTTPSource(s.Bundles, nil)
	}
	return store.Open(ctx, s.Bundles)
}
