package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

// compileSchemas makes validators of the schemas by their names.
func compileSchemas(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range config.SchemaNames {
		data, err := config.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiler.AddResource(name, document); err != nil {
			t.Fatal(err)
		}
		if schemas[name], err = compiler.Compile(name); err != nil {
			t.Fatal(err)
		}
	}
	return schemas
}

func validate(t *testing.T, schema *jsonschema.Schema, text []byte) error {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

// TestSchemasAcceptProjects validates the files of a new project and of the example.
func TestSchemasAcceptProjects(t *testing.T) {
	schemas := compileSchemas(t)
	fresh := filepath.Join(t.TempDir(), "fresh")
	if _, err := control.Init(fresh); err != nil {
		t.Fatal(err)
	}
	validated := 0
	for _, dir := range []string{fresh, "../../examples/storefront"} {
		for pattern, name := range map[string]string{config.ProjectFile: "sortition", "experiments/*.yaml": "experiment", "flags/*.yaml": "flag"} {
			files, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range files {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := validate(t, schemas[name], text); err != nil {
					t.Errorf("%s: %v", path, err)
				}
				validated++
			}
		}
	}
	if validated < 3+11 {
		t.Errorf("validated %d files", validated)
	}
}

// TestSchemasRefuse changes one thing in a good flag at a time.
func TestSchemasRefuse(t *testing.T) {
	schema := compileSchemas(t)["flag"]
	const (
		variants = "variants: [{key: on, config: {a: [1, x]}}, {key: off}]"
		factors  = "[{key: size, levels: [{key: s, weight: 50%, config: 1}, {key: l, weight: 50%}]}]"
		good     = `key: menu
owner: me
status: running
` + variants + `
default: off
rules: [{traffic: 12.5%, variant: on}]
overrides: {on: [u1, 1001]}
`
	)
	for old, changed := range map[string]string{
		"owner: me":      "owner: you",
		"owner: me\n":    "",
		variants:         "factors: " + factors,
		"traffic: 12.5%": "ramp: [{at: 2026-01-01T00:00:00Z, traffic: 1%}]",
		"default: off":   "default: off\nprerequisites: [{key: other, variants: [on]}]",
	} {
		if err := validate(t, schema, []byte(strings.Replace(good, old, changed, 1))); err != nil {
			t.Errorf("%q in place of %q: %v", changed, old, err)
		}
	}
	for _, c := range []struct{ old, new string }{
		{"owner: me", "ownr: me"},
		{"owner: me", "owner: 5"},
		{"key: menu\n", ""},
		{"running", "stopped"},
		{"12.5%", "12.555%"},
		{"12.5%", "12.5"},
		{"{key: off}", "{name: off}"},
		{"[u1, 1001]", "u1"},
		{"[u1, 1001]", "[1.5]"},
		{"default: off", "default: off\nfactors: " + factors},
		{"traffic: 12.5%", "traffic: 12.5%, ramp: [{at: 2026-01-01T00:00:00Z, traffic: 1%}]"},
		{"traffic: 12.5%", "ramp: [{at: 2026-01-01T00:00:00Z}]"},
		{"traffic: 12.5%", "ramp: [{at: today, traffic: 1%}]"},
		{"default: off", "default: off\nprerequisites: [{key: other}]"},
		{"default: off", "default: off\nprerequisites: other"},
		{variants, "factors: [{key: size, levels: [{key: s}]}]"},
		{variants + "\n", ""},
	} {
		if err := validate(t, schema, []byte(strings.Replace(good, c.old, c.new, 1))); err == nil {
			t.Errorf("%q in place of %q is accepted", c.new, c.old)
		}
	}
}
