// Package caddy is a handler for the web server Caddy that assigns variants to visitors. Its
// directive in a Caddyfile is
//
//	sortition {
//		bundles     https://cdn.example.com/bundles
//		root        root.json
//		environment production
//		application web
//		state_dir   /var/lib/caddy/sortition
//		secret      {env.SORTITION_SECRET}
//		consent     cookie_consent yes
//		geo         country CF-IPCountry
//		unit        user
//		poll        5s
//		engine      wazero
//	}
//
// The options are
//
//   - bundles is the URL of a web server, or a bucket as in the publisher's configuration.
//
//   - application selects the experiments and flags of one application. Without it, Caddy has
//     those of all applications.
//
//   - secret seals cookies and the header with decisions. Without it, there are no cookies, and
//     the origin gets only the variant key.
//
//   - consent is the name of a cookie and the value by which a visitor has agreed to cookies. It
//     can also be "always". It is required with a secret.
//
//   - geo is an attribute and the header that has it: country, region, city, continent, timezone,
//     asn, bot_score or bot. It can be repeated. A proxy in front of Caddy must set the header,
//     and remove it from what visitors send.
//
//   - engine runs the core: wazero, which is the default, or native. See package edge/host.
//
// The handler runs before all other directives. They can use the placeholders
//
//	{sortition.KEY.variant}   the variant of an experiment or flag; empty if there is none
//	{sortition.variant_key}   the variant key of the page, for caches
//
// See package edge/visit for the headers of requests and responses. When Caddy loads another
// configuration with the same source of bundles, the host and its active bundle stay.
package caddy

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/visit"
	"github.com/sortition-dev/sortition/hostshims/nethttp"
)

// Handler is the Caddy module http.handlers.sortition.
type Handler struct {
	Source

	Secret  string            `json:"secret,omitempty"`
	Consent *Consent          `json:"consent,omitempty"`
	Geo     map[string]string `json:"geo,omitempty"` // headers by attribute
	Unit    string            `json:"unit,omitempty"`

	assigner *visit.Assigner
	key      string // of the host in the pool; empty until there is one
}

// Consent says which visitors have agreed to a cookie.
type Consent struct {
	Always bool   `json:"always,omitempty"`
	Cookie string `json:"cookie,omitempty"`
	Value  string `json:"value,omitempty"`
}

func (c *Consent) given(r *http.Request) bool {
	if c == nil || c.Always {
		return c != nil
	}
	stored, err := r.Cookie(c.Cookie)
	return err == nil && stored.Value == c.Value
}

func init() { caddy.RegisterModule(new(Handler)) }

// CaddyModule describes the module.
func (*Handler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.sortition", New: func() caddy.Module { return new(Handler) }}
}

// Provision opens the host, or shares the open host of another handler with the same [Source].
func (h *Handler) Provision(ctx caddy.Context) error {
	if err := h.complete(); err != nil {
		return err
	}
	geo, err := h.geo()
	if err != nil {
		return err
	}
	h.assigner = &visit.Assigner{Geo: geo, Unit: h.Unit}
	if h.Secret != "" {
		sealer, err := cookie.NewSealer(h.Secret)
		if err != nil {
			return err
		}
		h.assigner.Sealer, h.assigner.Sticky = sealer, &cookie.Sticky{Sealer: sealer}
		h.assigner.Identity = &cookie.Identity{Sealer: sealer, Consent: h.Consent.given}
	}
	key := h.Source.key()
	opened, _, err := hosts.LoadOrNew(key, func() (caddy.Destructor, error) { return h.Source.open(ctx) })
	if err != nil {
		return err
	}
	h.key, h.assigner.Host = key, opened.(*running).Host
	return nil
}

// complete replaces placeholders such as {env.SORTITION_SECRET}, and sets defaults.
func (h *Handler) complete() error {
	replacer := caddy.NewReplacer()
	for _, text := range []*string{&h.Bundles, &h.Root, &h.Environment, &h.Application, &h.StateDir, &h.Secret} {
		*text = replacer.ReplaceAll(*text, "")
	}
	if h.Environment == "" {
		h.Environment = defaultEnvironment
	}
	if _, err := host.ParseEngine(h.Engine); err != nil {
		return fmt.Errorf("sortition: engine: %w", err)
	}
	switch {
	case h.Bundles == "" || h.Root == "":
		return fmt.Errorf("sortition: bundles and root are required: the location of the bundles, and the file of the signed root document")
	case h.Secret != "" && h.Consent == nil:
		return fmt.Errorf("sortition: a secret requires consent: write consent COOKIE VALUE, or consent always")
	}
	return nil
}

func (h *Handler) geo() (visit.Geo, error) {
	var g visit.Geo
	headers := map[string]*string{
		"country": &g.Country, "region": &g.Region, "city": &g.City, "continent": &g.Continent, "timezone": &g.Timezone,
		"asn": &g.ASN, "bot_score": &g.BotScore, "bot": &g.Bot,
	}
	for attribute, header := range h.Geo {
		to := headers[attribute]
		if to == nil {
			return g, fmt.Errorf("sortition: unknown geo attribute %q: use country, region, city, continent, timezone, asn, bot_score or bot", attribute)
		}
		*to = header
	}
	return g, nil
}

// Cleanup closes the host, unless other handlers still use it.
func (h *Handler) Cleanup() error {
	if h.key == "" {
		return nil
	}
	_, err := hosts.Delete(h.key)
	return err
}

// ServeHTTP assigns variants to the visitor, and then calls next.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	var err error
	nethttp.Handler(h.assigner, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if replacer, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer); ok {
			replacer.Map(placeholders(nethttp.From(r.Context())))
		}
		err = next.ServeHTTP(w, r)
	})).ServeHTTP(w, r)
	return err
}

func placeholders(v *visit.Visit) caddy.ReplacerFunc {
	return func(name string) (any, bool) {
		name, ours := strings.CutPrefix(name, "sortition.")
		if !ours {
			return nil, false
		}
		if name == "variant_key" {
			return v.VariantKey(), true
		}
		key, ours := strings.CutSuffix(name, ".variant")
		return v.Variant(key), ours
	}
}

var (
	_ caddy.Provisioner           = (*Handler)(nil)
	_ caddy.CleanerUpper          = (*Handler)(nil)
	_ caddyhttp.MiddlewareHandler = (*Handler)(nil)
)
