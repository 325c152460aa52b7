// Package config defines the configuration of the http-wasm guest. A guest has no network and no
// files, so that its configuration includes the bundle. After each publish, configure it again.
//
// The guest verifies the bundle, as every host does. It sets no cookies: it reads the id of a
// visitor from a header or a cookie of another program. All attributes are strings. It sets two
// headers of the request to the origin, and removes them from what visitors send:
//
//	Sortition-Variant-Key  the variant key of the page for caches, see package variantkey
//	Sortition-Variants     JSON {experiment: variant} of those that touch the path. It is not
//	                       signed, so the origin must be reachable only through the proxy.
//
// Some proxies give guests no clock. Then schedules and ramps stay as they were at the time at
// which the revision was created.
package config

import (
	"context"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// Headers of the request to the origin.
const (
	VariantKeyHeader = "Sortition-Variant-Key"
	VariantsHeader   = "Sortition-Variants"
)

// DefaultUnit is the unit type if the configuration names none.
const DefaultUnit = "user"

// Config is the configuration, as JSON.
type Config struct {
	Environment string            `json:"environment"`
	Application string            `json:"application,omitempty"` // empty for all applications
	Root        []byte            `json:"root"`                  // the signed root document
	Objects     objects           `json:"objects"`               // latest.json and the payload, by name
	Unit        string            `json:"unit,omitempty"`
	IDHeader    string            `json:"id_header,omitempty"`
	IDCookie    string            `json:"id_cookie,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty"` // headers by attribute
}

// Fill sets Objects to those of the newest revision of a source, and verifies them.
func (c *Config) Fill(ctx context.Context, source bundle.Source) error {
	latest, err := source.Get(ctx, bundle.LatestName, "", bundle.MaxEnvelopeSize)
	if err != nil {
		return fmt.Errorf("%s: %w", bundle.LatestName, err)
	}
	root, err := bundle.ParseRoot(c.Root)
	if err != nil {
		return err
	}
	m, err := root.VerifyManifest(latest.Data)
	if err != nil {
		return err
	}
	p, err := m.PayloadOf(c.Application)
	if err != nil {
		return err
	}
	name := bundle.PayloadName(p.Gzip.SHA256)
	payload, err := source.Get(ctx, name, "", p.Gzip.Size)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.Objects = objects{bundle.LatestName: latest.Data, name: payload.Data}
	_, err = c.Open(ctx)
	return err
}

// Open verifies the bundle in the configuration.
func (c *Config) Open(ctx context.Context) (*bundle.Bundle, error) {
	root, err := bundle.ParseRoot(c.Root)
	if err != nil {
		return nil, err
	}
	return bundle.OpenApplication(ctx, c.Objects, root, c.Objects[bundle.LatestName], c.Environment, c.Application)
}

// objects is a [bundle.Source] of the objects in the configuration.
type objects map[string][]byte

func (o objects) Get(_ context.Context, name, _ string, limit int64) (bundle.Object, error) {
	data, ok := o[name]
	switch {
	case !ok:
		return bundle.Object{}, bundle.ErrNotFound
	case int64(len(data)) > limit:
		return bundle.Object{}, bundle.ErrTooLarge
	}
	return bundle.Object{Data: data}, nil
}
