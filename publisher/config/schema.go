package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"
)

// SchemaNames are the names of the documents that have a JSON Schema.
var SchemaNames = []string{"sortition", "experiment", "flag"}

// Schema returns the JSON Schema of a document by its name, for editors. The schema describes
// only the form of the document; [Load] checks much more.
func Schema(name string) ([]byte, error) {
	documents := map[string]any{"sortition": Sortition{}, "experiment": ExperimentFile{}, "flag": FlagFile{}}
	document, ok := documents[name]
	if !ok {
		return nil, fmt.Errorf("unknown schema %q; schemas: %s", name, strings.Join(SchemaNames, ", "))
	}
	r := jsonschema.Reflector{
		Anonymous:                  true,
		DoNotReference:             true,
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
	}
	schema := r.Reflect(document)
	schema.Title = "Sortition " + name

	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(schema); err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// The methods below describe to package jsonschema how the parts of documents look in YAML.

// JSONSchemaAlias returns the value itself.
func (a At[T]) JSONSchemaAlias() any { return a.Value }

// JSONSchemaAlias returns a sequence.
func (l List[T]) JSONSchemaAlias() any { return l.Items }

// JSONSchemaAlias returns a mapping.
func (m Map[T]) JSONSchemaAlias() any { return map[string]T{} }

// JSONSchema describes a percentage as text.
func (Percent) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "string", Pattern: `^[0-9]+(\.[0-9]{1,2})? *%$`, Examples: []any{"50%", "12.5%"},
	}
}

// JSONSchema describes a period as text, or 0.
func (Period) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		{Type: "string", Pattern: `^[0-9]+[dhm]$`, Examples: []any{"14d", "36h"}}, {Const: 0},
	}}
}

// JSONSchema describes a size as text.
func (Size) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+ *(KiB|MiB)$`, Examples: []any{"512 KiB", "32 MiB"}}
}

// JSONSchema describes a text, or digits.
func (ID) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, {Type: "integer"}}}
}

// JSONSchema describes any value.
func (JSON) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{} }

// JSONSchemaExtend adds which keys replace each other.
func (ExperimentFile) JSONSchemaExtend(s *jsonschema.Schema) {
	extendWithAlternatives[ExperimentFile](s)
}

// JSONSchemaExtend adds which keys replace each other.
func (FlagFile) JSONSchemaExtend(s *jsonschema.Schema) { extendWithAlternatives[FlagFile](s) }

// JSONSchemaExtend adds which keys replace each other.
func (RuleEntry) JSONSchemaExtend(s *jsonschema.Schema) { extendWithAlternatives[RuleEntry](s) }

// extendWithAlternatives adds rules for keys that replace each other: exactly one of two keys if
// the file must give one of them, and at most one otherwise.
func extendWithAlternatives[T any](s *jsonschema.Schema) {
	for _, f := range fieldsOf(reflect.TypeFor[T]()) {
		switch {
		case f.or == "":
		case f.required:
			s.Required = slices.DeleteFunc(s.Required, func(key string) bool { return key == f.key })
			s.AllOf = append(s.AllOf, &jsonschema.Schema{OneOf: []*jsonschema.Schema{
				{Required: []string{f.key}}, {Required: []string{f.or}},
			}})
		default:
			s.AllOf = append(s.AllOf, &jsonschema.Schema{Not: &jsonschema.Schema{Required: []string{f.key, f.or}}})
		}
	}
}

// JSONSchemaExtend allows the type alone instead of the mapping.
func (AttributeEntry) JSONSchemaExtend(s *jsonschema.Schema) {
	mapping := *s
	short, _ := s.Properties.Get("type")
	*s = jsonschema.Schema{AnyOf: []*jsonschema.Schema{short, &mapping}}
}
