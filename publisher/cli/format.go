package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// formatValue is the value of a flag --format: one of the formats that a command prints.
type formatValue struct {
	value   string
	allowed []string
}

func (f *formatValue) String() string { return f.value }
func (f *formatValue) Type() string   { return "format" }

func (f *formatValue) Set(text string) error {
	if !slices.Contains(f.allowed, text) {
		return fmt.Errorf("use %s", f.list())
	}
	f.value = text
	return nil
}

func (f *formatValue) list() string {
	n := len(f.allowed)
	return strings.Join(f.allowed[:n-1], ", ") + " or " + f.allowed[n-1]
}

// addFormat adds the flag --format. The first format is the default; without any, they are text and
// json.
func addFormat(cmd *cobra.Command, formats ...string) *formatValue {
	if formats == nil {
		formats = []string{"text", "json"}
	}
	f := &formatValue{formats[0], formats}
	cmd.Flags().Var(f, "format", f.list())
	return f
}

// write writes a result: as JSON, or by text.
func (f *formatValue) write(w io.Writer, result any, text func(io.Writer) error) error {
	if f.value == "json" {
		return writeJSON(w, result)
	}
	return text(w)
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
