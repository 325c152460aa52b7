package service_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/service"
)

func TestExplainJSON(t *testing.T) {
	type item struct {
		Name  *string           `json:"name"`
		Count uint64            `json:"count"`
		Size  int               `json:"size"`
		On    bool              `json:"on"`
		List  []string          `json:"list"`
		Map   map[string]string `json:"map"`
	}
	for _, tt := range []struct{ path, body, want string }{
		{"", ``, "the body is empty"},
		{"", `{"name":"secret"`, "the body is not valid JSON: it ends too early"},
		{"", `{"name":'secret'}`, "the body is not valid JSON: invalid character '\\'' looking for beginning of value at byte 9"},
		{"", `[]`, "the body: want an object, got an array"},
		{"items[3]", `true`, "items[3]: want an object, got true or false"},
		{"", `{"name":7}`, "name: want a string, got a number"},
		{"items[3]", `{"count":-1}`, "items[3].count: want a whole number, not negative, got a number"},
		{"", `{"size":1e999}`, "size: want a whole number, got a number"},
		{"", `{"on":"secret"}`, "on: want true or false, got a string"},
		{"", `{"list":{}}`, "list: want an array, got an object"},
		{"", `{"map":["secret"]}`, "map: want an object, got an array"},
		{"items[3]", `{"nmae":"secret"}`, "items[3].nmae: unknown field; there are name, count and size"},
	} {
		d := json.NewDecoder(strings.NewReader(tt.body))
		d.DisallowUnknownFields()
		err := d.Decode(new(item))
		if err == nil {
			t.Fatalf("%s is read", tt.body)
		}
		got := service.ExplainJSON(tt.path, err, "name", "count", "size").Error()
		if !strings.HasPrefix(got, tt.want) || strings.Contains(got, "secret") {
			t.Errorf("%s: %s, want %s", tt.body, got, tt.want)
		}
	}
}
