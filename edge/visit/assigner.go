// Package visit assigns variants to the visitors of a site, one request at a time. It derives
// the visitor's id and attributes from the request, keeps sticky variants in a cookie, and sets
// headers for the origin and for caches. Package nethttp is middleware for net/http on top of it.
// Servers with another form of middleware call [Assigner.Assign], [Visit.Tell] and
// [Visit.Finish].
//
// No function waits for a network, and none makes a request fail: after an error the visitor
// gets the defaults.
//
// # Caches
//
// Assign decides everything whose routes match the path (see package bundle/route) before the
// page is rendered. The request to the origin gets the header Sortition-Variant-Key, which a
// cache between the assigner and the origin uses to tell copies of a page apart. The response
// names that header in Vary, and has a tag in Surrogate-Key for each matching experiment and
// flag. Caches in front of the assigner do not see the key. For them the response is private if
// a route matches the path, if anything else was decided, or if a cookie is set.
package visit

import (
	"net/http"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/variantkey"
)

// VariantKeyHeader is the request header with the variant key of the path.
const VariantKeyHeader = "Sortition-Variant-Key"

// Assigner assigns variants to visitors. Host is required; all other fields are optional. Do not
// change an Assigner that is in use. It is safe for concurrent use.
type Assigner struct {
	Host *host.Host

	// Identity knows visitors by a cookie, whose id is that of the unit type Unit,
	// [event.DefaultUnit] if empty.
	Identity *cookie.Identity
	Unit     string

	// Units returns ids that the site knows, by unit type. They override the cookie's id.
	Units func(*http.Request) map[string]string

	// Attributes returns the attributes of a request; RequestAttributes if nil. Geo adds
	// those that a proxy in front of this one sets in headers.
	Attributes func(*http.Request) Attributes
	Geo        Geo

	Sticky    *cookie.Sticky  // keeps the variants of sticky experiments in a cookie
	Exposures *exposure.Queue // records exposures

	// Sealer signs the header Sortition-Decisions for the origin. If it is nil, the header
	// is not set.
	Sealer *cookie.Sealer

	// Secure says that visitors use HTTPS up to a proxy in front of this one.
	Secure bool
}

// Assign decides all experiments and flags whose routes match the path of a request.
func (a *Assigner) Assign(r *http.Request) *Visit {
	v := &Visit{assigner: a, secure: a.Secure || r.TLS != nil, units: map[string]string{}, decided: map[string]host.Decision{}}
	if a.Identity != nil {
		id, set := a.Identity.Visitor(r, v.secure)
		if set != nil {
			v.cookies = append(v.cookies, set)
		}
		unit := a.Unit
		if unit == "" {
			unit = event.DefaultUnit
		}
		v.setUnit(unit, id)
		if a.Sticky != nil && id != "" {
			v.kept = a.Sticky.Read(r)
		}
	}
	if a.Units != nil {
		for unit, id := range a.Units(r) {
			v.setUnit(unit, id)
		}
	}
	attributes := RequestAttributes
	if a.Attributes != nil {
		attributes = a.Attributes
	}
	known := attributes(r)
	a.Geo.add(&known, r)
	known.fill(&v.request)
	for unit, id := range v.units {
		v.request.Unit(unit, id)
	}
	var decisions host.Decisions
	v.err = a.Host.DecideRoute(&v.request, r.URL.EscapedPath(), &decisions)
	for d := range decisions.All() {
		d = v.keep(d)
		v.route = append(v.route, d)
		v.decided[d.Experiment()] = d
	}
	return v
}

// Tell sets the headers of the request to the origin. It replaces those that a visitor sent.
func (v *Visit) Tell(h http.Header) {
	h.Set(VariantKeyHeader, v.VariantKey())
	h.Del(cookie.DecisionsHeader)
	if v.assigner == nil || v.assigner.Sealer == nil {
		return
	}
	d := cookie.Decisions{Time: model.MillisOf(time.Now()), Variants: v.variants()}
	if len(v.route) > 0 {
		d.Revision = v.route[0].Revision()
	}
	h.Set(cookie.DecisionsHeader, v.assigner.Sealer.SealDecisions(d))
}

// Finish adds the cookies of the visit and the headers for caches to a response.
func (v *Visit) Finish(h http.Header) {
	cookies := v.cookies
	if v.kept != nil {
		if c := v.assigner.Sticky.Write(v.kept, v.secure); c != nil {
			cookies = append(cookies, c)
		}
	}
	for _, c := range cookies {
		h.Add("Set-Cookie", c.String())
	}
	varies := v.varies()
	if varies {
		h.Add("Vary", VariantKeyHeader)
	}
	if len(v.route) > 0 {
		tags := strings.Fields(h.Get("Surrogate-Key")) // of the site
		for _, d := range v.route {
			tags = append(tags, variantkey.Tag(d.Experiment()))
		}
		h.Set("Surrogate-Key", strings.Join(tags, " "))
	}
	if len(cookies) > 0 || varies {
		h.Set("Cache-Control", private(h.Get("Cache-Control")))
	}
}

// private returns the Cache-Control header with "private" in place of what allows shared caches
// to store the response.
func private(control string) string {
	directives := []string{"private"}
	for directive := range strings.SplitSeq(control, ",") {
		directive = strings.TrimSpace(directive)
		name, _, _ := strings.Cut(strings.ToLower(directive), "=")
		switch name {
		case "", "public", "private", "s-maxage":
		case "no-store":
			return control
		default:
			directives = append(directives, directive)
		}
	}
	return strings.Join(directives, ", ")
}
