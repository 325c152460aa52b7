// Package cookie defines what proxies and workers give visitors and origins to keep: an id
// in a cookie, variants in a cookie, and decisions in a header. All shims write the same, so
// that a site may change from one to another, or have several.
//
// # Sealed text
//
// Sealed text is text, a full stop, and a code that is made with a secret:
//
//	code = base64url(first 16 bytes of HMAC-SHA-256(secret, purpose ‖ 0x00 ‖ text))
//
// base64url is that of RFC 4648 without padding. The secret is the bytes of its text, at
// least 32. The text ends at the last full stop. A reader tries each of its secrets, a writer uses the first, so that secrets can
// be exchanged. The purpose is a text of the list below; it keeps what is sealed for one from
// serving another, and has the version of the form:
//
//	sortition id v1          sortition sticky v1          sortition decisions v1
//
// # Identity
//
// The cookie sortition_id holds a sealed id: base64url of 16 random bytes. It has the
// attributes Path=/, Max-Age=34560000 (400 days, the longest that browsers keep), HttpOnly,
// SameSite=Lax, and over HTTPS Secure. Without consent, or with a cookie sortition_opt_out of
// any value, no id is read or written, and one that the browser has is deleted. A cookie that
// does not open is replaced and counted.
//
// # Sticky variants
//
// The cookie sortition_sticky has the same attributes, and holds base64url of a JSON array,
// sealed. Its entries are [experiment, phase, variant], oldest first, without spaces:
//
//	[["checkout_button",1,"green"],["hero",3,"b"]]
//
// There are at most 32, and the value has at most 3,072 bytes; the oldest are left out. A
// longer value is not opened, one that does not open is ignored and counted. An entry stands
// above a decision of the same experiment and phase, if that is sticky and came about by
// audience, traffic or split; everything else, such as a kill switch, stands above it.
//
// # Decisions
//
// The header Sortition-Decisions tells an origin what was decided: base64url of JSON, sealed.
// The time is in milliseconds since the Unix epoch, and a reader refuses one that is more than
// five minutes away. Variants has what the visitor is given:
//
//	{"time":1767225600000,"revision":7,"variants":{"checkout_button":"green"}}
//
// The file testdata/cookies.json has values of all of this, for other implementations to try.
package cookie

import (
	"net/http"
	"time"
)

// Names of the cookies and the header.
const (
	IDName          = "sortition_id"
	StickyName      = "sortition_sticky"
	OptOutName      = "sortition_opt_out"
	DecisionsHeader = "Sortition-Decisions"
)

// MaxAge is how long browsers are asked to keep a cookie: as long as they do.
const MaxAge = 400 * 24 * time.Hour

// newCookie returns a cookie with the attributes that all have. An empty value asks the browser to
// delete it. The domain may be empty.
func newCookie(name, value, domain string, secure bool) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", Domain: domain, MaxAge: int(MaxAge / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure,
	}
	if value == "" {
		c.MaxAge = -1 // as Max-Age=0
	}
	return c
}
