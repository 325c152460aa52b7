package analysis

import (
	"encoding/json"
	"io"
)

// WriteJSON writes reports as one JSON document, {"results": [...]}, each in the form
// that Report documents.
func WriteJSON(w io.Writer, reports ...*Report) error {
	if reports == nil {
		reports = []*Report{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Results []*Report `json:"results"`
	}{reports})
}
