package collector

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sortition-dev/sortition/bundle/event"
)

// maxPropertyDepth bounds the nesting of properties.
const maxPropertyDepth = 16

// compactProperties returns properties as a JSON object without spaces that every reader
// understands in the same way: every number is in the range of a double. Raw and text are the same
// bytes. They are valid JSON, in which no object has a name twice. If they have no spaces, the
// result is text.
func compactProperties(raw []byte, text string) (string, error) {
	if text == "null" {
		return "{}", nil
	}
	if text[0] != '{' {
		return "", errors.New("properties: want an object")
	}
	s := propertyScan{text: text}
	if err := s.value(maxPropertyDepth); err != nil {
		return "", err
	}
	if s.members > event.MaxProperties {
		return "", fmt.Errorf("properties: has %d members; the limit is %d", s.members, event.MaxProperties)
	}
	if s.longest > event.MaxNameLength {
		return "", fmt.Errorf("properties: has a name of %d bytes; the limit is %d", s.longest, event.MaxNameLength)
	}
	if s.spaced {
		value := jsontext.Value(raw).Clone()
		if err := value.Compact(); err != nil {
			return "", fmt.Errorf("properties: %w", err)
		}
		text = string(value)
	}
	if len(text) > event.MaxPropertyBytes {
		return "", fmt.Errorf("properties: is %d bytes of JSON; the limit is %d", len(text), event.MaxPropertyBytes)
	}
	return text, nil
}

// propertyScan walks over valid JSON.
type propertyScan struct {
	text    string
	at      int  // of the next byte in text
	spaced  bool // there are spaces between the values
	members int  // of the outermost object
	longest int  // bytes of its longest name
}

// value reads a value that may be nested so many levels deep.
func (s *propertyScan) value(depth int) error {
	if depth == 0 {
		return fmt.Errorf("properties: is nested deeper than %d levels", maxPropertyDepth)
	}
	s.space()
	switch s.text[s.at] {
	case '{':
		return s.object(depth)
	case '[':
		return s.array(depth)
	case '"':
		s.string()
	case 't', 'n':
		s.at += len("true")
	case 'f':
		s.at += len("false")
	default:
		return s.number()
	}
	return nil
}

func (s *propertyScan) object(depth int) error {
	s.at++
	for !s.closed('}') {
		name := s.string()
		if depth == maxPropertyDepth {
			s.members++
			s.longest = max(s.longest, nameLength(name))
		}
		s.space()
		s.at += len(":")
		if err := s.value(depth - 1); err != nil {
			return err
		}
	}
	return nil
}

func (s *propertyScan) array(depth int) error {
	s.at++
	for !s.closed(']') {
		if err := s.value(depth - 1); err != nil {
			return err
		}
	}
	return nil
}

// closed reads the end of an object or array, or the comma before the next element, if there is
// one. It returns true at the end.
func (s *propertyScan) closed(end byte) bool {
	s.space()
	switch s.text[s.at] {
	case end:
		s.at++
		return true
	case ',':
		s.at++
		s.space()
	}
	return false
}

// string reads a string and returns what is between the quotes.
func (s *propertyScan) string() string {
	s.at++
	for begin := s.at; ; s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return s.text[begin : s.at-1]
		}
	}
}

// number reads a number. Only one with an exponent or hundreds of digits can be too large.
func (s *propertyScan) number() error {
	begin, exponent := s.at, false
	for c := s.text[s.at]; c > ' ' && c != ',' && c != ']' && c != '}'; c = s.text[s.at] {
		exponent = exponent || c|0x20 == 'e'
		s.at++
	}
	digits := s.text[begin:s.at]
	if len(digits) < 300 && !exponent {
		return nil
	}
	if f, err := strconv.ParseFloat(digits, 64); err != nil || math.IsInf(f, 0) {
		return errors.New("properties: has a number that is too large for a double")
	}
	return nil
}

func (s *propertyScan) space() {
	for s.text[s.at] <= ' ' {
		s.at++
		s.spaced = true
	}
}

// nameLength returns the length of a name in bytes without escapes.
func nameLength(name string) int {
	if strings.IndexByte(name, '\\') < 0 {
		return len(name)
	}
	unquoted, _ := jsontext.AppendUnquote(nil, `"`+name+`"`) // it is valid
	return len(unquoted)
}
