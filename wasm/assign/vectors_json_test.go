package assign_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sortition-dev/sortition/publisher/explain"
)

// maxSafeInt is the largest integer that every JSON reader keeps exactly.
const maxSafeInt = 1<<53 - 1

type jsonRequest struct {
	Now        json.RawMessage            `json:"now"`
	Units      map[string]json.RawMessage `json:"units"`
	Attributes map[string]json.RawMessage `json:"attributes"`
}

// jsonOfRequest writes a request as the file's "about" says.
func jsonOfRequest(r explain.Request) (json.RawMessage, error) {
	j := jsonRequest{Units: map[string]json.RawMessage{}, Attributes: map[string]json.RawMessage{}}
	var err error
	if j.Now, err = jsonOfValue(r.Now.UnixMilli()); err != nil {
		return nil, err
	}
	for unit, id := range r.Units {
		if j.Units[unit], err = jsonOfValue(id); err != nil {
			return nil, err
		}
	}
	for name, value := range r.Attributes {
		if j.Attributes[name], err = jsonOfValue(value); err != nil {
			return nil, err
		}
	}
	return json.Marshal(j)
}

func jsonOfValue(value any) (json.RawMessage, error) {
	switch v := value.(type) {
	case int64:
		if v < -maxSafeInt || v > maxSafeInt {
			return json.Marshal(map[string]string{"int": strconv.FormatInt(v, 10)})
		}
	case float64:
		if v == math.Trunc(v) || math.IsNaN(v) {
			return json.Marshal(map[string]string{"double": strconv.FormatFloat(v, 'g', -1, 64)})
		}
	case string:
		if !utf8.ValidString(v) {
			return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(v))})
		}
	case []string:
		list := make([]json.RawMessage, len(v))
		for i, s := range v {
			var err error
			if list[i], err = jsonOfValue(s); err != nil {
				return nil, err
			}
		}
		return json.Marshal(list)
	}
	return json.Marshal(value)
}

// requestOfJSON reads what jsonOfRequest writes.
func requestOfJSON(data []byte) (explain.Request, error) {
	r := explain.Request{Units: map[string]string{}, Attributes: map[string]any{}}
	var j jsonRequest
	if err := json.Unmarshal(data, &j); err != nil {
		return r, err
	}
	now, err := valueOfJSON(j.Now)
	if err != nil {
		return r, err
	}
	r.Now = time.UnixMilli(now.(int64))
	for unit, raw := range j.Units {
		id, err := valueOfJSON(raw)
		if err != nil {
			return r, err
		}
		r.Units[unit] = id.(string)
	}
	for name, raw := range j.Attributes {
		if r.Attributes[name], err = valueOfJSON(raw); err != nil {
			return r, err
		}
	}
	return r, nil
}

func valueOfJSON(raw json.RawMessage) (any, error) {
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case '[':
		return listOfJSON(raw)
	case '{':
		var object map[string]string
		if err := json.Unmarshal(raw, &object); err != nil {
			return nil, err
		}
		return valueOfObject(object)
	case 't', 'f':
		return raw[0] == 't', nil
	}
	if strings.ContainsAny(string(raw), ".eE") {
		return strconv.ParseFloat(string(raw), 64)
	}
	return strconv.ParseInt(string(raw), 10, 64)
}

func listOfJSON(raw json.RawMessage) ([]string, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, err
	}
	list := make([]string, len(elements))
	for i, e := range elements {
		v, err := valueOfJSON(e)
		if err != nil {
			return nil, err
		}
		list[i] = v.(string)
	}
	return list, nil
}

func valueOfObject(object map[string]string) (any, error) {
	for kind, text := range object {
		switch kind {
		case "int":
			return strconv.ParseInt(text, 10, 64)
		case "double":
			return strconv.ParseFloat(text, 64)
		case "base64":
			b, err := base64.StdEncoding.DecodeString(text)
			return string(b), err
		}
	}
	return nil, fmt.Errorf("no value: %v", object)
}
