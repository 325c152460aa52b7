package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// encodeCanonical returns the canonical JSON of a document: the fields in the order of the
// struct, no white space, and no unnecessary escapes. JavaScript's JSON.stringify returns the
// same text for the same fields, because documents contain no control characters and no
// integers above MaxInteger.
func encodeCanonical(document any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(document); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// decodeCanonical decodes data into document. It fails unless data is exactly what
// encodeCanonical returns for the result, so that no two parsers can read it differently. It
// thereby rejects white space, fields that are unknown, missing, repeated or spelt in another
// way, other forms of numbers, other escapes, and trailing data.
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
		return fmt.Errorf("not in canonical form: differs at byte %d", firstDifference(data, canonical))
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

// listOf replaces a nil list, which encodes as null, by an empty one, which encodes as [].
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
