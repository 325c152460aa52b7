package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// encodeCanonical returns the one JSON text of a document: fields in the order of the
// struct, no white space, nothing escaped that need not be. It equals what JavaScript's
// JSON.stringify gives for the same fields, because the documents hold no text with
// control characters and no integer above MaxInteger.
func encodeCanonical(document any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// decodeCanonical reads data into document and refuses it unless it is the text that
// encodeCanonical gives. Two readers can therefore not understand it differently:
// white space, unknown, missing, repeated or differently spelt fields, other forms of
// numbers, other escapes and anything after the end all change the text.
func decodeCanonical[D interface{ complete() }](data []byte, document D) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(document); err != nil {
		return err
	}
	document.complete()
	canonical, err := encodeCanonical(document)
	if err != nil {
		return err
	}
	if !bytes.Equal(data, canonical) {
		return fmt.Errorf("not in canonical form at byte %d", firstDifference(data, canonical))
	}
	return nil
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// listOf returns a list that encodes as [] when it is empty.
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
