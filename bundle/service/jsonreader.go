package service

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// JSONReader reads a JSON text in one pass and allocates nothing for a value, except for strings
// with escapes. It refuses names that an object has twice, and text that is not UTF-8. A null
// counts as a value that is not there.
//
// The methods take the path of the value in the text, "" for the text itself. Their errors are for
// the client, as those of [ExplainJSON]: they name the field, and contain no value. It is not safe
// for concurrent use.
type JSONReader struct {
	decoder *jsontext.Decoder
	source  bytes.Buffer
	text    string
}

// NewJSONReader returns a reader of an empty text.
func NewJSONReader() *JSONReader {
	r := &JSONReader{}
	r.decoder = jsontext.NewDecoder(&r.source)
	return r
}

// Reset begins to read a text. The strings that are read share one copy of it.
func (r *JSONReader) Reset(text []byte) {
	r.text = string(text)
	r.source = *bytes.NewBuffer(text)
	r.decoder.Reset(&r.source)
}

// Object reads an object. It calls member for each member, which must read the value.
func (r *JSONReader) Object(path string, member func(name string) error) error {
	if found, err := r.begin(path, '{', "an object"); !found {
		return err
	}
	for r.decoder.PeekKind() != '}' {
		name, err := r.string()
		if err == nil {
			err = member(name)
		}
		if err != nil {
			return err
		}
	}
	return r.end()
}

// Array reads an array. It calls element for each element, which must read the value. Its errors
// are within that element.
func (r *JSONReader) Array(path string, element func(i int) error) error {
	if found, err := r.begin(path, '[', "an array"); !found {
		return err
	}
	for i := 0; r.decoder.PeekKind() != ']'; i++ {
		if r.decoder.PeekKind() == jsontext.KindInvalid {
			return r.end() // its error
		}
		if err := element(i); err != nil {
			return Within(path+"["+strconv.Itoa(i)+"]", err)
		}
	}
	return r.end()
}

// begin reads the begin of an object or array. It returns false at a null.
func (r *JSONReader) begin(path string, want jsontext.Kind, wants string) (bool, error) {
	kind := r.decoder.PeekKind()
	if kind != want && kind != 'n' && kind != jsontext.KindInvalid {
		return false, WrongType(path, wants, kindName(kind))
	}
	_, err := r.decoder.ReadToken()
	return kind == want && err == nil, explain(err)
}

func (r *JSONReader) end() error {
	_, err := r.decoder.ReadToken()
	return explain(err)
}

// End returns an error if there is more text after the value.
func (r *JSONReader) End() error {
	if _, err := r.decoder.ReadToken(); err != io.EOF {
		return WholeBody(errors.New("there is more after the JSON object"))
	}
	return nil
}

// Kind returns the kind of the next value: its first byte, '0' for any number, and 0 if there is no
// valid value.
func (r *JSONReader) Kind() byte { return byte(r.decoder.PeekKind()) }

// String reads a string.
func (r *JSONReader) String(path string) (string, error) {
	if kind := r.decoder.PeekKind(); kind != '"' {
		return "", r.other(path, kind, "a string")
	}
	return r.string()
}

func (r *JSONReader) string() (string, error) {
	raw, err := r.decoder.ReadValue()
	if err != nil {
		return "", explain(err)
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		text := r.textOf(raw)
		return text[1 : len(text)-1], nil
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	return string(text), explain(err)
}

// textOf returns the value that was read last as a part of the text.
func (r *JSONReader) textOf(raw jsontext.Value) string {
	end := int(r.decoder.InputOffset())
	return r.text[end-len(raw) : end]
}

// Uint reads a whole number that is not negative, in digits alone.
func (r *JSONReader) Uint(path string) (uint64, error) {
	const want = "a whole number, not negative"
	text, err := r.number(path, want)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, WrongType(path, want, "a number")
	}
	return n, nil
}

// Int reads a whole number, in digits and a sign alone.
func (r *JSONReader) Int(path string) (int64, error) {
	const want = "a whole number"
	text, err := r.number(path, want)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, WrongType(path, want, "a number")
	}
	return n, nil
}

func (r *JSONReader) number(path, want string) (string, error) {
	if kind := r.decoder.PeekKind(); kind != '0' {
		return "", r.other(path, kind, want)
	}
	raw, err := r.decoder.ReadValue()
	if err != nil {
		return "", explain(err)
	}
	return r.textOf(raw), nil
}

// Bool reads true or false.
func (r *JSONReader) Bool(path string) (bool, error) {
	kind := r.decoder.PeekKind()
	if kind != 't' && kind != 'f' {
		return false, r.other(path, kind, "true or false")
	}
	return kind == 't', r.Skip()
}

// Raw reads any value. The bytes are valid until the next call, and must not be changed; the text
// stays valid. Both are the same.
func (r *JSONReader) Raw() (raw []byte, text string, err error) {
	value, err := r.decoder.ReadValue()
	if err != nil {
		return nil, "", explain(err)
	}
	return value, r.textOf(value), nil
}

// Skip reads any value, and checks it.
func (r *JSONReader) Skip() error { return explain(r.decoder.SkipValue()) }

// other reads a null, or returns why a value of this kind is wrong.
func (r *JSONReader) other(path string, kind jsontext.Kind, want string) error {
	if kind == 'n' || kind == jsontext.KindInvalid {
		return r.Skip()
	}
	return WrongType(path, want, kindName(kind))
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	}
	return "true or false"
}

// explain returns an error of the text for the client.
func explain(err error) error {
	if err == nil {
		return nil
	}
	return WholeBody(ExplainJSON("", err))
}

// bodyError is an error of the body as a whole: its message has its own path, or none.
type bodyError struct{ error }

// WholeBody returns an error about the body as a whole. Within adds no path to it.
func WholeBody(err error) error { return &bodyError{err} }

// typeError says that a value has the wrong type.
type typeError struct{ path, want, got string }

func (e *typeError) Error() string {
	path := e.path
	if path == "" {
		path = "the body"
	}
	return fmt.Sprintf("%s: want %s, got %s", path, e.want, e.got)
}

// WrongType returns an error for the client about a value that is, say, "a number" and should be
// "a string".
func WrongType(path, want, got string) error { return &typeError{path, want, got} }

// Within puts a path before the field that err names. An error of the body as a whole stays as it
// is.
func Within(path string, err error) error {
	if body, ok := errors.AsType[*bodyError](err); ok {
		return body
	}
	if wrong, ok := errors.AsType[*typeError](err); ok {
		return &typeError{strings.TrimSuffix(path+"."+wrong.path, "."), wrong.want, wrong.got}
	}
	return at(path, err)
}

// pathOf returns a JSON pointer as a path, such as events[3].user_id.
func pathOf(p jsontext.Pointer) string {
	var path strings.Builder
	for token := range p.Tokens() {
		if _, err := strconv.Atoi(token); err == nil {
			path.WriteString("[" + token + "]")
			continue
		}
		if path.Len() > 0 {
			path.WriteByte('.')
		}
		path.WriteString(token)
	}
	return path.String()
}
