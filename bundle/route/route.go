// Package route says which paths of a site an experiment touches.
//
// A route is a pattern for the path of a URL. It is a part of the syntax of URLPattern
// (https://urlpattern.spec.whatwg.org), and matches the same paths:
//
//	/                 the path / alone
//	/cart             /cart, and not /cart/
//	/product/:id      /product/7, and neither /product/ nor /product/7/reviews
//	/product/*        /product/, /product/7, /product/7/reviews, and not /product
//	/*                every path
//
// A pattern is a slash and segments with a slash between two of them. A segment is text,
// a name after a colon, which stands for any segment that is not empty, or, as the last
// one, an asterisk, which stands for any segments, empty ones too. Text has the letters,
// digits and marks that a path has as they are, A-Z a-z 0-9 - . _ ~ ! $ & ' , ; = @, and
// all others percent-encoded, in upper case: %C3%A9. A name has letters, digits and
// underscores, and does not begin with a digit; it says nothing but what people read.
//
// A path is compared as it stands in the URL, without the query, byte for byte: encoded as
// the client sent it, and in the case that it has. One that does not begin with a slash
// matches nothing.
package route

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Limits of patterns.
const (
	MaxPatterns = 64  // of one experiment: more are a sign that one above them is meant
	MaxLength   = 256 // bytes
	MaxSegments = 16  // as deep as a path is looked at
)

// ErrPattern is wrapped by what Check complains of.
var ErrPattern = errors.New("not a route")

var (
	textForm = regexp.MustCompile(`^([A-Za-z0-9\-._~!$&',;=@]|%[0-9A-F]{2})*$`)
	nameForm = regexp.MustCompile(`^:[A-Za-z_][A-Za-z0-9_]*$`)
)

// Check tells what is wrong with a pattern; nil if nothing is.
func Check(pattern string) error {
	tail, absolute := strings.CutPrefix(pattern, "/")
	segments := strings.Split(tail, "/")
	switch {
	case !absolute:
		return fmt.Errorf("%w: it does not begin with a slash", ErrPattern)
	case len(pattern) > MaxLength:
		return fmt.Errorf("%w: it has %d bytes, more than %d", ErrPattern, len(pattern), MaxLength)
	case len(segments) > MaxSegments:
		return fmt.Errorf("%w: it has %d segments, more than %d", ErrPattern, len(segments), MaxSegments)
	}
	for i, segment := range segments {
		switch {
		case segment == "*" && i < len(segments)-1:
			return fmt.Errorf("%w: the asterisk is not its end; one segment in the middle is /:name", ErrPattern)
		case segment == "." || segment == "..":
			return fmt.Errorf("%w: no path has the segment %q, browsers take it out", ErrPattern, segment)
		case segment == "*", nameForm.MatchString(segment), textForm.MatchString(segment):
		default:
			return fmt.Errorf("%w: the segment %q is neither text, nor :name, nor *", ErrPattern, segment)
		}
	}
	return nil
}
