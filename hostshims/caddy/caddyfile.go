package caddy

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() {
	httpcaddyfile.RegisterHandlerDirective("sortition", func(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
		handler := new(Handler)
		return handler, handler.UnmarshalCaddyfile(h.Dispenser)
	})
	httpcaddyfile.RegisterDirectiveOrder("sortition", httpcaddyfile.Before, "map")
}

// UnmarshalCaddyfile reads the directive. See the package comment for its syntax.
func (h *Handler) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the directive's name
	if d.NextArg() {
		return d.ArgErr()
	}
	for d.NextBlock(0) {
		option, args := d.Val(), d.RemainingArgs()
		if err := h.option(d, option, args); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) option(d *caddyfile.Dispenser, option string, args []string) error {
	switch {
	case option == "consent" && len(args) == 1 && args[0] == "always":
		h.Consent = &Consent{Always: true}
		return nil
	case option == "consent" && len(args) == 2:
		h.Consent = &Consent{Cookie: args[0], Value: args[1]}
		return nil
	case option == "geo" && len(args) == 2:
		if h.Geo == nil {
			h.Geo = map[string]string{}
		}
		h.Geo[args[0]] = args[1]
		return nil
	case option == "consent", option == "geo", len(args) != 1:
		return d.ArgErr()
	case option == "poll":
		poll, err := caddy.ParseDuration(args[0])
		if err != nil {
			return d.Errf("poll: %v", err)
		}
		h.Poll = caddy.Duration(poll)
		return nil
	}
	text := map[string]*string{
		"bundles": &h.Bundles, "root": &h.Root, "environment": &h.Environment, "application": &h.Application, "state_dir": &h.StateDir,
		"engine": &h.Engine, "secret": &h.Secret, "unit": &h.Unit,
	}[option]
	if text == nil {
		return d.Errf("unknown option %q: use bundles, root, environment, application, state_dir, poll, engine, secret, consent, geo or unit", option)
	}
	*text = args[0]
	return nil
}

var _ caddyfile.Unmarshaler = (*Handler)(nil)
