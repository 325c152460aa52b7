package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// ExplainJSON turns an error of encoding/json or jsontext into one for the client. The result names
// the field, and contains neither Go types nor values from the request. Path is the path of the
// decoded value in the body, "" for the body itself. Known lists the fields of that value, for
// errors about an unknown field. Any other error is returned with path in front.
func ExplainJSON(path string, err error, known ...string) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	var text *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the body is empty; send JSON")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the body is not valid JSON: it ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not valid JSON: %w at byte %d", err, syntax.Offset)
	case errors.As(err, &text) && text.Err == jsontext.ErrDuplicateName:
		return fmt.Errorf("%s: is there twice", pathOf(text.JSONPointer))
	case errors.As(err, &text):
		return fmt.Errorf("the body is not valid JSON: %w at byte %d", text.Err, text.ByteOffset)
	case errors.As(err, &mismatch):
		got, _, _ := strings.Cut(mismatch.Value, " ") // "number 1e999" holds the value
		field := strings.Trim(path+"."+mismatch.Field, ".")
		if field == "" {
			field = "the body"
		}
		return fmt.Errorf("%s: want %s, got %s", field, jsonType(mismatch.Type), article(got))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return at(path, fmt.Errorf("%s: unknown field; there are %s", strings.Trim(name, `"`), list(known)))
	}
	return at(path, err)
}

// at puts the path of a JSON value before an error about a field in it.
func at(path string, err error) error {
	if path == "" {
		return err
	}
	return fmt.Errorf("%s.%w", path, err)
}

// jsonType returns the JSON type that is decoded into a Go type.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number, not negative"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	case reflect.Pointer:
		return jsonType(t.Elem())
	default:
		return article(t.Kind().String())
	}
}

func article(kind string) string {
	switch kind {
	case "array", "object":
		return "an " + kind
	case "bool":
		return "true or false"
	}
	return "a " + kind
}

// list joins names with commas and "and".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
