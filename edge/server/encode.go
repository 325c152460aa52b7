package server

import (
	"strconv"
	"unicode/utf8"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// reasonUnknown is the reason for a key that the bundle does not have. The core never sees such a
// key, so there is no [abi.Reason] for it.
const reasonUnknown = "unknown_experiment"

// appendAnswer appends the answer to an assign request. The keys are those of the request, if it
// has any. With reasons, the answer includes decisions without a variant, with a null variant_id.
// Otherwise it leaves them out.
func appendAnswer(b []byte, decisions *host.Decisions, keys []string, reasons bool) []byte {
	b = append(b, `{"assignments":[`...)
	first := true
	for i := range decisions.Len() {
		d := decisions.At(i)
		if !d.Assigned() && !reasons {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		key := d.Experiment()
		if d.Reason() == abi.ReasonNone {
			key = keys[i]
		}
		b = appendAssignment(b, key, d, reasons)
	}
	b = append(b, `],"revision":`...)
	b = strconv.AppendUint(b, decisions.Revision(), 10)
	b = append(b, `,"stale":`...)
	b = strconv.AppendBool(b, decisions.Stale())
	return append(b, '}', '\n')
}

func appendAssignment(b []byte, key string, d host.Decision, reasons bool) []byte {
	b = append(b, `{"experiment_id":`...)
	b = appendString(b, key)
	if d.Assigned() {
		b = append(b, `,"variant_id":`...)
		b = appendString(b, d.Variant())
		b = append(b, `,"variant_name":`...)
		b = appendString(b, d.Name())
		b = append(b, `,"config":`...)
		b = append(b, d.Config()...)
	} else {
		b = append(b, `,"variant_id":null`...)
	}
	if reasons {
		b = append(b, `,"reason":"`...)
		if d.Reason() == abi.ReasonNone {
			b = append(b, reasonUnknown...)
		} else {
			b = append(b, d.Reason().String()...)
		}
		b = append(b, '"')
	}
	return append(b, '}')
}

// appendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD, as in encoding/json.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if !plain[s[i]] {
			return appendEscaped(append(b, s[:i]...), s[i:])
		}
	}
	b = append(b, s...)
	return append(b, '"')
}

// plain has the bytes that a JSON string may contain as they are.
var plain = func() (p [1 << 8]bool) {
	for c := byte(' '); c < 0x7f; c++ {
		p[c] = c != '"' && c != '\\'
	}
	return p
}()

// appendEscaped appends the rest of a string, from the first byte that is not plain.
func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		case r == utf8.RuneError:
			b = append(b, "\ufffd"...)
		case r < utf8.RuneSelf:
			b = append(b, s[i])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
