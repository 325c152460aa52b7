package config

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// MaxTests is the largest number of tests of one experiment or flag: enough for each edge of an
// audience, and few enough to run before every publish.
const MaxTests = 1_000

// tests resolves the tests of an experiment or flag that draws the given unit.
func (l *loader) tests(entries List[TestEntry], unit int, variants []Variant) []Test {
	if n := len(entries.Items); n > MaxTests {
		l.fail(entries.Pos, fmt.Sprintf("there are %d tests; the limit is %d", n, MaxTests), "")
	}
	var tests []Test
	for i := range entries.Items {
		if entry := &entries.Items[i]; entry.Pos != (Pos{}) {
			tests = append(tests, l.test(entry, unit, variants))
		}
	}
	return tests
}

func (l *loader) test(f *TestEntry, unit int, variants []Variant) Test {
	l.checkText(f.Name, "the name", MaxNameLength)
	l.checkID(f.Unit)
	t := Test{
		Name: f.Name.Value, Units: map[string]string{}, Attributes: map[string]any{}, At: f.At.Value,
		Variant: l.variant(f.Variant, variants), Reason: f.Reason.Value, Pos: f.Pos,
	}
	if !f.Variant.Given() && !f.Reason.Given() && l.clean(f.Pos.File) {
		l.fail(f.Pos, "the test expects nothing", "write the expected variant or reason")
	}
	if f.Unit.Given() && unit != model.None {
		t.Units[l.project.Units[unit]] = string(f.Unit.Value)
	}
	for _, e := range f.Units.Entries {
		l.checkID(e.Value)
		i := l.lookup(e.Key, "unit", "units", l.project.Units)
		switch {
		case i == model.None:
		case i == unit && f.Unit.Given():
			l.fail(e.Key.Pos, fmt.Sprintf("the test has two ids for the unit %s", e.Key.Value), "keep the one in unit:")
		default:
			t.Units[e.Key.Value] = string(e.Value.Value)
		}
	}
	known := keysOf(l.project.Attributes, func(a model.Attribute) string { return a.Name })
	for _, e := range f.Attributes.Entries {
		if i := l.lookup(e.Key, "attribute", "attributes", known); i != model.None && e.Value.Given() {
			t.Attributes[e.Key.Value] = l.attribute(e.Value, l.project.Attributes[i])
		}
	}
	return t
}

// attribute reads a value of an attribute's type.
func (l *loader) attribute(value At[JSON], a model.Attribute) any {
	var err error
	switch text := []byte(value.Value); a.Type {
	case model.Number:
		var f float64
		if err = json.Unmarshal(text, &f); err == nil && text[0] != 'n' {
			return f
		}
	case model.Bool:
		var b bool
		if err = json.Unmarshal(text, &b); err == nil && text[0] != 'n' {
			return b
		}
	case model.StringList:
		var list []string
		if err = json.Unmarshal(text, &list); err == nil && list != nil {
			return list
		}
	default:
		var s string
		if err = json.Unmarshal(text, &s); err == nil && text[0] == '"' {
			return l.attributeText(value, s, a)
		}
	}
	l.fail(value.Pos, fmt.Sprintf("%s is a %s, but the value is %s", a.Name, a.Type, value.Value), attributeForms[a.Type])
	return nil
}

// attributeForms are hints at how to write a value of each type.
var attributeForms = map[model.Type]string{
	model.Number: "write, for example, 12.5", model.Bool: "write true or false",
	model.StringList: "write, for example, [a, b]", model.String: "put it in quotes",
	model.Version: `put it in quotes: "1.23.12"`, model.Time: "write the date and the time with its zone: 2026-01-31T12:00:00Z",
}

func (l *loader) attributeText(value At[JSON], s string, a model.Attribute) any {
	if a.Type == model.Time {
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			l.fail(value.Pos, fmt.Sprintf("%q is not a time", s), attributeForms[model.Time])
		}
	}
	return s
}
