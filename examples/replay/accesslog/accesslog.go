// Package accesslog reads web server access logs in Combined Log Format, as Apache and
// nginx write them:
//
//	host ident user [day/month/year:hour:minute:second zone] "request" status bytes "referrer" "agent"
//
// Quoted fields may hold the escapes that the two servers use: a backslash before a
// quote or a backslash, \b \n \r \t \v, and \xhh for any other byte.
//
// This package is internal to Sortition and may change without notice.
package accesslog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timeLayout is the format of the bracketed time.
const timeLayout = "02/Jan/2006:15:04:05 -0700"

// Entry is one line of a log. A field that the server wrote as "-" is empty, or zero.
type Entry struct {
	Host  string // address or name of the client
	Ident string
	User  string
	Time  time.Time

	// Method, Target and Protocol are the parts of the request line. All three are
	// empty if the client did not send a request.
	Method, Target, Protocol string

	Status   int
	Bytes    int64 // size of the response body
	Referrer string
	Agent    string
}

// Parse reads one line, without its line break. It ignores what follows the agent, so it
// accepts logs with more fields.
func Parse(line string) (Entry, error) {
	var e Entry
	var ok bool
	rest := line

	if e.Host, rest, ok = strings.Cut(rest, " "); !ok || e.Host == "" {
		return Entry{}, errors.New("no host")
	}
	if e.Ident, rest, ok = strings.Cut(rest, " "); !ok {
		return Entry{}, errors.New("no ident")
	}
	// A user name is not quoted and may contain spaces, so it ends where the time begins.
	if e.User, rest, ok = strings.Cut(rest, " ["); !ok {
		return Entry{}, errors.New("no user and time")
	}
	stamp, rest, ok := strings.Cut(rest, "] ")
	if !ok {
		return Entry{}, errors.New("the time is not closed by a bracket")
	}
	var err error
	if e.Time, err = time.Parse(timeLayout, stamp); err != nil {
		return Entry{}, fmt.Errorf("time %q is not of the form %s", stamp, timeLayout)
	}

	request, rest, err := quoted(rest)
	if err != nil {
		return Entry{}, fmt.Errorf("request: %w", err)
	}
	e.Method, e.Target, e.Protocol = requestLine(request)

	var status, size string
	if status, rest, ok = strings.Cut(rest, " "); !ok {
		return Entry{}, errors.New("no status and size")
	}
	if size, rest, ok = strings.Cut(rest, " "); !ok {
		return Entry{}, errors.New("no size")
	}
	if e.Status, err = number[int](status); err != nil {
		return Entry{}, fmt.Errorf("status %q is not a number", status)
	}
	if e.Bytes, err = number[int64](size); err != nil {
		return Entry{}, fmt.Errorf("size %q is not a number", size)
	}

	if e.Referrer, rest, err = quoted(rest); err != nil {
		return Entry{}, fmt.Errorf("referrer: %w", err)
	}
	if e.Agent, _, err = quoted(rest); err != nil {
		return Entry{}, fmt.Errorf("agent: %w", err)
	}
	for _, field := range []*string{&e.Ident, &e.User, &e.Referrer, &e.Agent} {
		if *field == "-" {
			*field = ""
		}
	}
	return e, nil
}

// requestLine splits a request line. A target may contain spaces if the client did not
// encode them. HTTP/0.9 has no protocol.
func requestLine(s string) (method, target, protocol string) {
	method, rest, ok := strings.Cut(s, " ")
	if !ok || !isToken(method) || rest == "" {
		return "", "", ""
	}
	if i := strings.LastIndex(rest, " HTTP/"); i >= 0 {
		return method, rest[:i], rest[i+1:]
	}
	return method, rest, ""
}

// isToken reports whether s can be a method. All methods in use consist of capital letters.
func isToken(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return s != ""
}

// number reads a decimal number that is not negative; "-" is zero.
func number[N int | int64](s string) (N, error) {
	if s == "-" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, strconv.IntSize-1)
	return N(n), err
}

// quoted reads a quoted field and the space after it, if there is one.
func quoted(s string) (value, rest string, err error) {
	if s == "" || s[0] != '"' {
		return "", "", errors.New("no opening quote")
	}
	end := 1
	escaped := false
	for ; end < len(s) && s[end] != '"'; end++ {
		if s[end] == '\\' {
			escaped = true
			end++
		}
	}
	if end >= len(s) {
		return "", "", errors.New("no closing quote")
	}
	value, rest = s[1:end], s[end+1:]
	if rest != "" && rest[0] != ' ' {
		return "", "", errors.New("the closing quote is not followed by a space")
	}
	if escaped {
		value = unescape(value)
	}
	return value, strings.TrimPrefix(rest, " "), nil
}

// unescape decodes the servers' escapes. Any other backslash stands for itself, because old
// servers wrote agents unescaped.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if j := strings.IndexByte(`"\bnrtv`, s[i+1]); j >= 0 {
			b.WriteByte("\"\\\b\n\r\t\v"[j])
			i++
			continue
		}
		if s[i+1] == 'x' && i+3 < len(s) {
			if v, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(v))
				i += 3
				continue
			}
		}
		b.WriteByte('\\')
	}
	return b.String()
}
