package cookie

import (
	"crypto/rand"
	"net/http"
	"sync/atomic"
)

const idPurpose = "sortition id v1"

// idSize is the bytes of a random id: as many as a UUID has, so that no two visitors get
// the same.
const idSize = 16

// Identity knows visitors by a cookie. It is safe for concurrent use.
type Identity struct {
	Sealer *Sealer

	// Consent says whether a visitor has agreed that an id is stored. It is required:
	// the site alone can know.
	Consent func(*http.Request) bool

	Domain string // to share the id with subdomains; may be empty

	tampered atomic.Uint64
}

// Tampered counts the cookies that did not open.
func (i *Identity) Tampered() uint64 { return i.tampered.Load() }

// Visitor returns the id of a request's visitor, empty without consent, and the cookie to
// be set with the answer, nil if none is. Secure says whether the visitor speaks HTTPS.
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
