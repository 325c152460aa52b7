// Package route matches the paths of a site against the routes of experiments.
//
// A route is a pattern for the path of a URL. Its syntax is a part of URLPattern
// (https://urlpattern.spec.whatwg.org), with the same meaning:
//
//	/                 the path / alone
//	/cart             /cart, and not /cart/
//	/product/:id      /product/7, and neither /product/ nor /product/7/reviews
//	/product/*        /product/, /product/7, /product/7/reviews, and not /product
//	/*                every path
//
// A pattern is a slash followed by segments, which are separated by slashes. A segment is one
// of:
//
//   - text, which matches itself. It may contain A-Z a-z 0-9 - . _ ~ ! $ & ' , ; = @. Other
//     characters are percent-encoded in upper case, such as %C3%A9.
//   - a colon and a name, which match any segment that is not empty. A name consists of letters,
//     digits and underscores, and does not begin with a digit. It has no meaning.
//   - an asterisk, as the last segment, which matches any number of segments.
//
// Paths are compared byte for byte as they are in the URL, without the query: case matters, and
// percent-encoding is not decoded. A path that does not begin with a slash matches nothing.
package route

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Limits of patterns.
const (
	MaxPatterns = 64  // of one experiment; use a pattern with * instead of more
	MaxLength   = 256 // bytes
	MaxSegments = 16  // of one pattern
)

// ErrPattern is the error for an invalid pattern.
var ErrPattern = errors.New("not a route")

var (
	textForm = regexp.MustCompile(`^([A-Za-z0-9\-._~!$&',;=@]|%[0-9A-F]{2})*$`)
	nameForm = regexp.MustCompile(`^:[A-Za-z_][A-Za-z0-9_]*$`)
)

// Check returns an [ErrPattern] if a pattern is not valid.
func Check(pattern string) error {
	tail, absolute := strings.CutPrefix(pattern, "/")
	segments := strings.Split(tail, "/")
	switch {
	case !absolute:
		return fmt.Errorf("%w: it does not begin with a slash", ErrPattern)
	case len(pattern) > MaxLength:
		return fmt.Errorf("%w: it has %d bytes; the limit is %d", ErrPattern, len(pattern), MaxLength)
	case len(segments) > MaxSegments:
		return fmt.Errorf("%w: it has %d segments; the limit is %d", ErrPattern, len(segments), MaxSegments)
	}
	for i, segment := range segments {
		switch {
		case segment == "*" && i < len(segments)-1:
			return fmt.Errorf("%w: an asterisk must be the last segment; for one segment in the middle use /:name", ErrPattern)
		case segment == "." || segment == "..":
			return fmt.Errorf("%w: no path has the segment %q, because browsers remove it", ErrPattern, segment)
		case segment == "*", nameForm.MatchString(segment), textForm.MatchString(segment):
		default:
			return fmt.Errorf("%w: the segment %q is neither text, nor :name, nor *", ErrPattern, segment)
		}
	}
	return nil
}
