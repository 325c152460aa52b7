package cookie

import (
	"crypto/rand"
	"net/http"
	"sync/atomic"
)

const idPurpose = "sortition id v1"

// idSize is the size of a random id in bytes: that of a UUID, so that ids are unique.
const idSize = 16

// Identity identifies visitors by a cookie. It is safe for concurrent use.
type Identity struct {
	Sealer *Sealer

	// Consent reports whether a visitor has agreed that an id is stored. It is required,
	// because only the site can know.
	Consent func(*http.Request) bool

	Domain string // to share the id with subdomains; may be empty

	tampered atomic.Uint64
}

// Tampered returns the number of cookies that did not open.
func (i *Identity) Tampered() uint64 { return i.tampered.Load() }

// Visitor returns the id of a request's visitor, which is empty without consent, and the cookie to
// set in the response, which may be nil. Secure reports whether the visitor uses HTTPS.
func (i *Identity) Visitor(r *http.Request, secure bool) (id string, set *http.Cookie) {
	stored, err := r.Cookie(IDName)
	if _, none := r.Cookie(OptOutName); none == nil || !i.Consent(r) {
		if err != nil {
			return "", nil
		}
		return "", newCookie(IDName, "", i.Domain, secure)
	}
	if err == nil {
		if id, ok := i.Sealer.Open(idPurpose, stored.Value); ok {
			return id, nil
		}
		i.tampered.Add(1)
	}
	random := make([]byte, idSize)
	_, _ = rand.Read(random) // never fails
	id = encoding.EncodeToString(random)
	return id, newCookie(IDName, i.Sealer.Seal(idPurpose, id), i.Domain, secure)
}
