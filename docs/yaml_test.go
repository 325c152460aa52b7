package docs

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/publisher/config"
)

// schema is the part of a JSON Schema that the tables show.
type schema struct {
	Type        string
	Description string
	Properties  orderedSchemas
	Items       *schema
	Values      json.RawMessage `json:"additionalProperties"` // a schema, or false
	Required    []string
	Enum        []string
	Const       any
	Pattern     string
	Format      string
	Examples    []any
	AnyOf       []schema
}

type namedSchema struct {
	name string
	schema
}

// orderedSchemas are properties in the order of the document.
type orderedSchemas []namedSchema

func (o *orderedSchemas) UnmarshalJSON(data []byte) error {
	var all map[string]schema
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		*o = append(*o, namedSchema{name.(string), all[name.(string)]})
	}
	return nil
}

// yamlTables list every key of the files, from the JSON Schemas.
func yamlTables(t *testing.T) string {
	titles := map[string]string{"sortition": "sortition.yaml", "experiment": "experiments/KEY.yaml", "flag": "flags/KEY.yaml"}
	var b strings.Builder
	for _, name := range config.SchemaNames {
		text, err := config.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "### %s\n\n| key | value | |\n| --- | --- | --- |\n", titles[name])
		s.list(&b, "")
		b.WriteString("\n")
	}
	return b.String()
}

// list writes a row for each key below a path.
func (s *schema) list(b *strings.Builder, path string) {
	for _, p := range s.Properties {
		at := path + p.name
		description := p.Description
		if slices.Contains(s.Required, p.name) {
			description = strings.TrimSpace("**Required.** " + description)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", at, cell(p.form()), cell(description))
		p.below(b, at)
	}
}

// below lists what is in a value.
func (s *schema) below(b *strings.Builder, at string) {
	s.list(b, at+".")
	for _, alternative := range s.AnyOf {
		alternative.below(b, at)
	}
	if s.Items != nil {
		s.Items.below(b, at+"[]")
	}
	if values := s.values(); values != nil {
		values.below(b, at+".NAME")
	}
}

// values is the schema of a mapping's values, if their names are free.
func (s *schema) values() *schema {
	var values schema
	if json.Unmarshal(s.Values, &values) != nil || len(s.Values) == 0 {
		return nil
	}
	return &values
}

// form says what a value is.
func (s *schema) form() string {
	var alternatives []string
	for _, a := range s.AnyOf {
		if form := a.form(); !slices.Contains(alternatives, form) {
			alternatives = append(alternatives, form)
		}
	}
	switch {
	case len(alternatives) > 0:
		return strings.Join(alternatives, ", or ")
	case len(s.Enum) > 0:
		return "`" + strings.Join(s.Enum, "` `") + "`"
	case s.Const != nil:
		return fmt.Sprintf("`%v`", s.Const)
	case s.Format == "date-time":
		return "time"
	case len(s.Examples) > 0:
		return fmt.Sprintf("such as `%v`", s.Examples[0])
	case s.Items != nil:
		return "list of " + s.Items.form()
	case s.values() != nil, s.Type == "object":
		return "mapping"
	case s.Type == "":
		return "any"
	}
	return s.Type
}
