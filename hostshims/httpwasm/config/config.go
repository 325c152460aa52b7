// Package config is what the guest for http-wasm is configured with. A guest has no network
// and no files, so its bundle is in its configuration: whoever publishes configures it anew.
//
// The bundle is verified in the guest, as on any other host. A guest keeps no cookies: it takes
// the id of a visitor from a header or a cookie that something else keeps. It decides on
// attributes that are strings, and sets two headers of the request to the origin, which it
// takes away from visitors:
//
//	Sortition-Variant-Key  the key of the page's copy in a cache, see package variantkey
//	Sortition-Variants     JSON {experiment: variant} of what touches the path; it is not
//	                       signed: the origin must not be reached but through the proxy
//
// A proxy may give guests no clock. Schedules and ramps then stand still at the time at which
// the revision was created.
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
	Application string            `json:"application,omitempty"` // whose experiments it has; empty for all of them
	Root        []byte            `json:"root"`                  // the signed root document
	Objects     objects           `json:"objects"`               // latest.json and the payload, by name
	Unit        string            `json:"unit,omitempty"`
	IDHeader    string            `json:"id_header,omitempty"`
	IDCookie    string            `json:"id_cookie,omitempty"`
	Attributes  map[string]string `json:"attributes,omitempty"` // headers by attribute
}

// Fill takes what the newest revision needs from a source.
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

// Open verifies the bundle that the configuration has.
func (c *Config) Open(ctx context.Context) (*bundle.Bundle, error) {
	root, err := bundle.ParseRoot(c.Root)
	if err != nil {
		return nil, err
	}
	return bundle.OpenApplication(ctx, c.Objects, root, c.Objects[bundle.LatestName], c.Environment, c.Application)
}

// objects is a source of what the configuration has.
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
