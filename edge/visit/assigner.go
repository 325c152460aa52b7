// Package visit decides for the visitors of a site, one request at a time: who asks, by which
// attributes, what is kept for them in cookies, and what the origin and caches are told. Package
// nethttp is middleware on it; it is for servers that have another form of middleware, which
// then call Assign, Tell and Finish.
//
// Nothing here waits for a network, and nothing fails a request: where something is wrong,
// the visitor is given the defaults.
//
// # Caches
//
// What is decided for the path of a request, see package bundle/route, is known before the
// page is rendered. The request to the origin has the header Sortition-Variant-Key, by which
// a cache behind the shim tells copies apart, and the answer says Vary with that name
// and has a tag in Surrogate-Key for each experiment and flag that touches the page. For
// caches in front of the shim, which cannot know the key, the answer is made private if
// something touches the path, anything else was decided, or a cookie is set.
package visit

import (
	"net/http"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/variantkey"
)

// VariantKeyHeader has the variant key of the request's path.
const VariantKeyHeader = "Sortition-Variant-Key"

// Assigner assigns visitors. Host is required, and everything else may be left out. It must not
// be changed once it is in use.
type Assigner struct {
	Host *host.Host

	// Identity knows visitors by a cookie, whose id is that of the unit type Unit,
	// [event.DefaultUnit] if empty.
	Identity *cookie.Identity
	Unit     string

	// Units gives ids that the site knows, by unit type: they stand above the cookie's.
	Units func(*http.Request) map[string]string

	// Attributes are those of a request; RequestAttributes if nil. Geo adds what something
	// in front of the shim says in headers.
	Attributes func(*http.Request) Attributes
	Geo        Geo

	Sticky    *cookie.Sticky  // keeps variants
	Exposures *exposure.Queue // records what was shown

	// Sealer signs the header that tells the origin what was decided for the path; there
	// is none if it is nil.
	Sealer *cookie.Sealer

	// Secure says that visitors speak HTTPS with something in front of the shim.
	Secure bool
}

// Assign decides for the path of a request.
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
	v.route, v.err = a.Host.DecideRoute(&v.request, r.URL.EscapedPath(), nil)
	for i, d := range v.route {
		v.route[i] = v.keep(d)
		v.decided[d.Experiment] = v.route[i]
	}
	return v
}

// Tell sets the headers of a request to the origin, in place of any that it came with.
func (v *Visit) Tell(h http.Header) {
	h.Set(VariantKeyHeader, v.VariantKey())
	h.Del(cookie.DecisionsHeader)
	if v.assigner == nil || v.assigner.Sealer == nil {
		return
	}
	d := cookie.Decisions{Time: event.MillisOf(time.Now()), Variants: v.variants()}
	if len(v.route) > 0 {
		d.Revision = v.route[0].Revision
	}
	h.Set(cookie.DecisionsHeader, v.assigner.Sealer.SealDecisions(d))
}

// Finish adds the cookies of a visit and what caches are to know to an answer's headers.
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
			tags = append(tags, variantkey.Tag(d.Experiment))
		}
		h.Set("Surrogate-Key", strings.Join(tags, " "))
	}
	if len(cookies) > 0 || varies {
		h.Set("Cache-Control", private(h.Get("Cache-Control")))
	}
}

// private is a Cache-Control that keeps shared caches from handing one visitor's page to
// another.
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
