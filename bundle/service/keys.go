package service

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// Keys is a set of valid API keys. It is safe for concurrent use.
type Keys struct{ sums [][sha256.Size]byte }

// NewKeys returns a set of the keys. None may be empty.
func NewKeys(texts []string) *Keys {
	k := &Keys{}
	for _, text := range texts {
		k.sums = append(k.sums, sha256.Sum256([]byte(text)))
	}
	return k
}

// Require calls next for requests with one of the keys as a bearer token. It answers all others
// with 401.
func (k *Keys) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") || !k.has(token) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="sortition"`)
			WriteProblem(w, http.StatusUnauthorized, "", "send a valid API key in the header \"Authorization: Bearer <key>\"")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// has reports whether the token is one of the keys, in constant time for a given length.
func (k *Keys) has(token string) bool {
	sum := sha256.Sum256([]byte(token))
	found := 0
	for i := range k.sums {
		found |= subtle.ConstantTimeCompare(sum[:], k.sums[i][:])
	}
	return found == 1
}
