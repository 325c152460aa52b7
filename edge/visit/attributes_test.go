package visit

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAttributes(t *testing.T) {
	const phone = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
	yes, no := true, false
	for name, row := range map[string]struct {
		header http.Header
		want   Attributes
	}{
		"nothing": {nil, Attributes{}},
		"a phone": {http.Header{"User-Agent": {phone}, "Accept-Language": {"en-GB,en;q=0.9"}, "Referer": {"https://a.example/b?c"}},
			Attributes{Bot: &no, Device: "mobile", OS: "android", Browser: "chrome", Language: "en-gb", Referrer: "a.example"}},
		"a tablet": {http.Header{"User-Agent": {strings.ReplaceAll(phone, " Mobile", "")}}, Attributes{Bot: &no, Device: "tablet", OS: "android", Browser: "chrome"}},
		"a bot":    {http.Header{"User-Agent": {"curl/8.0"}}, Attributes{Bot: &yes, Device: "desktop"}},
		"a platform": {http.Header{"User-Agent": {"Mozilla/5.0 (Windows NT 10.0) Edg/130"}, "C": {"GB"}, "T": {"K%C3%B6ln"}, "A": {"64496"}, "S": {"x"}, "B": {"true"}},
			Attributes{Bot: &yes, Device: "desktop", OS: "windows", Browser: "edge", Country: "GB", City: "Köln", ASN: 64496}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/a%2Fb?c", nil)
		r.Header = row.header
		got := RequestAttributes(r)
		Geo{Country: "C", City: "T", ASN: "A", BotScore: "S", Bot: "B"}.add(&got, r)
		row.want.Host, row.want.Path = "example.com", "/a%2Fb"
		gotJSON, _ := json.Marshal(got)
		wantJSON, _ := json.Marshal(row.want)
		if string(gotJSON) != string(wantJSON) {
			t.Errorf("%s: %s, want %s", name, gotJSON, wantJSON)
		}
	}
}

func TestPrivate(t *testing.T) {
	for control, want := range map[string]string{
		"": "private", "public, max-age=60": "private, max-age=60", "s-maxage=9,max-age=1": "private, max-age=1",
		"private": "private", "no-store": "no-store", "No-Cache": "private, No-Cache",
	} {
		if got := private(control); got != want {
			t.Errorf("%q: %q, want %q", control, got, want)
		}
	}
}
