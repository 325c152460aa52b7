// Package cookie defines the cookies and the header that proxies and workers set: a cookie with a
// visitor's id, a cookie with sticky variants, and a header with decisions for the origin. All
// shims use the same formats, so that a site can change from one to another or have several.
//
// # Sealed text
//
// Sealed text is text, a full stop, and a code that depends on a secret:
//
//	code = base64url(first 16 bytes of HMAC-SHA-256(secret, purpose ‖ 0x00 ‖ text))
//
// base64url is that of RFC 4648 without padding. The secret has at least 32 bytes. The text ends at
// the last full stop. A writer uses the first of its secrets and a reader tries all of them, so
// that secrets can be rotated. The purpose separates the uses of a secret and includes the version
// of the format. It is one of
//
//	sortition id v1          sortition sticky v1          sortition decisions v1
//
// # Identity
//
// The cookie sortition_id holds a sealed id: base64url of 16 random bytes. It has the attributes
// Path=/, Max-Age=34560000 (400 days, the longest that browsers keep), HttpOnly, SameSite=Lax, and
// over HTTPS Secure. Without consent, or with a cookie sortition_opt_out of any value, no id is
// read or written, and an existing cookie is deleted. A cookie that does not open is replaced and
// counted.
//
// # Sticky variants
//
// The cookie sortition_sticky has the same attributes. It holds the sealed base64url of a JSON
// array. The entries are [experiment, phase, variant], oldest first, without spaces:
//
//	[["checkout_button",1,"green"],["hero",3,"b"]]
//
// There are at most 32 entries, and the value has at most 3,072 bytes; the oldest entries are left
// out. A value that is longer or does not open is ignored and counted. An entry takes precedence
// over a decision of the same experiment and phase if the experiment is sticky and the reason is
// audience, traffic or split. Decisions for other reasons, such as a kill switch, take precedence
// over the entry.
//
// # Decisions
//
// The header Sortition-Decisions has the decisions for the origin: the sealed base64url of JSON.
// The time is in milliseconds since the Unix epoch. A reader refuses a time that is more than five
// minutes from its own. The variants are those of the visitor, by experiment or flag:
//
//	{"time":1767225600000,"revision":7,"variants":{"checkout_button":"green"}}
//
// The file testdata/cookies.json has test vectors for other implementations.
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

// MaxAge is the lifetime of a cookie, the longest that browsers allow.
const MaxAge = 400 * 24 * time.Hour

// newCookie returns a cookie with the common attributes. With an empty value it deletes the cookie.
// The domain may be empty.
func newCookie(name, value, domain string, secure bool) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", Domain: domain, MaxAge: int(MaxAge / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure,
	}
	if value == "" {
		c.MaxAge = -1 // is sent as Max-Age=0
	}
	return c
}
