package accesslog

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestParse(t *testing.T) {
	when := time.Date(2026, 3, 17, 10, 5, 3, 0, time.FixedZone("", 2*60*60))
	const stamp = "[17/Mar/2026:10:05:03 +0200]"
	tests := []struct {
		name, line string
		want       Entry
	}{
		{
			"usual",
			`203.0.113.9 - - ` + stamp + ` "GET /a/b?c=d HTTP/1.1" 200 203023 "https://example.com/x" "Mozilla/5.0 (X11)"`,
			Entry{Host: "203.0.113.9", Method: "GET", Target: "/a/b?c=d", Protocol: "HTTP/1.1", Status: 200, Bytes: 203023,
				Referrer: "https://example.com/x", Agent: "Mozilla/5.0 (X11)"},
		},
		{
			"nothing but dashes",
			`host.example - - ` + stamp + ` "-" 408 - "-" "-"`,
			Entry{Host: "host.example", Status: 408},
		},
		{
			"IPv6, ident and a user name with spaces",
			`2001:db8::1%eth0 id Ada Lovelace ` + stamp + ` "HEAD / HTTP/2.0" 304 0 "" ""`,
			Entry{Host: "2001:db8::1%eth0", Ident: "id", User: "Ada Lovelace", Method: "HEAD", Target: "/", Protocol: "HTTP/2.0", Status: 304},
		},
		{
			"escapes of Apache",
			`::1 - - ` + stamp + ` "GET /\"q\" HTTP/1.1" 200 1 "a\\b\tc" "say \"hi\" \xc3\xa9"`,
			Entry{Host: "::1", Method: "GET", Target: `/"q"`, Protocol: "HTTP/1.1", Status: 200, Bytes: 1,
				Referrer: "a\\b\tc", Agent: `say "hi" é`},
		},
		{
			"escapes of nginx",
			`::1 - - ` + stamp + ` "GET /\x22q\x22 HTTP/1.1" 200 1 "-" "a\x5Cb"`,
			Entry{Host: "::1", Method: "GET", Target: `/"q"`, Protocol: "HTTP/1.1", Status: 200, Bytes: 1, Agent: `a\b`},
		},
		{
			"backslashes that escape nothing",
			`::1 - - ` + stamp + ` "GET / HTTP/1.1" 200 1 "C:\dir\xzz" "\x1"`,
			Entry{Host: "::1", Method: "GET", Target: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 1, Referrer: `C:\dir\xzz`, Agent: `\x1`},
		},
		{
			"TLS sent to a plain port",
			`::1 - - ` + stamp + ` "\x16\x03\x01" 400 226 "-" "-"`,
			Entry{Host: "::1", Status: 400, Bytes: 226},
		},
		{
			"HTTP/0.9",
			`::1 - - ` + stamp + ` "GET /old" 200 5 "-" "-"`,
			Entry{Host: "::1", Method: "GET", Target: "/old", Status: 200, Bytes: 5},
		},
		{
			"spaces in the target",
			`::1 - - ` + stamp + ` "GET /a b c HTTP/1.1" 400 5 "-" "-"`,
			Entry{Host: "::1", Method: "GET", Target: "/a b c", Protocol: "HTTP/1.1", Status: 400, Bytes: 5},
		},
		{
			"a bracket in the user name",
			`::1 - [x] ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "agent"`,
			Entry{Host: "::1", User: "[x]", Method: "GET", Target: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 5, Agent: "agent"},
		},
		{
			"more fields at the end",
			`::1 - - ` + stamp + ` "GET / HTTP/1.1" 200 5 "-" "agent" 0.013 "203.0.113.7"`,
			Entry{Host: "::1", Method: "GET", Target: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 5, Agent: "agent"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.line)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Time.Equal(when) {
				t.Errorf("time: got %v, want %v", got.Time, when)
			}
			got.Time = time.Time{}
			if got != test.want {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ line, want string }{
		{`nothing`, "no host"},
		{` - - [`, "no host"},
		{`h -`, "no ident"},
		{`h - - 17/Mar/2026:10:05:03 +0200 "GET`, "no user and time"},
		{`h - - [17/Mar/2026:10:05:03 +0200`, "bracket"},
		{`h - - [17/March/2026:10:05:03 +0200] "GET`, `time "17/March/2026:10:05:03 +0200"`},
		{`h - - [17/Mar/2026:10:05:03 +0200] GET / HTTP/1.1 200 1 "-" "-"`, "request: no opening quote"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET / HTTP/1.1`, "request: no closing quote"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET / HTTP/1.1\"`, "request: no closing quote"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET / HTTP/1.1\`, "request: no closing quote"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET "x" HTTP/1.1" 200 1 "-" "-"`, "not followed by a space"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" 200`, "no status"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" 200 17`, "no size"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" ok 17 "-" "-"`, `status "ok"`},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" 200 -17 "-" "-"`, `size "-17"`},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" 200 99999999999999999999 "-" "-"`, "size"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" 200 17 "`, "referrer: no closing quote"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" 200 17 "-"`, "agent: no opening quote"},
		{`h - - [17/Mar/2026:10:05:03 +0200] "GET /" 200 17 "-" "cut sho`, "agent: no closing quote"},
	}
	for _, test := range tests {
		if e, err := Parse(test.line); err == nil {
			t.Errorf("%s\n got %+v, want an error with %q", test.line, e, test.want)
		} else if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\n got error %q, want one with %q", test.line, err, test.want)
		}
	}
}

func TestReader(t *testing.T) {
	const good = `::1 - - [17/Mar/2026:10:05:03 +0200] "GET / HTTP/1.1" 200 5 "-" "agent"`
	log := strings.Join([]string{
		good, "", "bad", strings.Repeat("x", 3*MaxLine), good + "\r", strings.Repeat("y", MaxLine+1),
	}, "\n")

	r := NewReader(iotest.HalfReader(strings.NewReader(log)))
	var entries int
	var malformed []int
	for {
		e, err := r.Read()
		if err == io.EOF {
			break
		}
		var line *LineError
		switch {
		case errors.As(err, &line):
			malformed = append(malformed, line.Line)
			if len(line.Text) > maxQuoted {
				t.Errorf("line %d: the error quotes %d bytes", line.Line, len(line.Text))
			}
		case err != nil:
			t.Fatal(err)
		default:
			entries++
			if e.Agent != "agent" {
				t.Errorf("agent: got %q", e.Agent)
			}
		}
	}
	if entries != 2 {
		t.Errorf("got %d entries, want 2", entries)
	}
	if want := []int{3, 4, 6}; len(malformed) != 3 || malformed[0] != want[0] || malformed[1] != want[1] || malformed[2] != want[2] {
		t.Errorf("malformed lines: got %v, want %v", malformed, want)
	}
}

func TestReaderPassesOnFailures(t *testing.T) {
	failure := errors.New("disk on fire")
	for _, text := range []string{"", "half a li", strings.Repeat("x", MaxLine+10)} {
		r := NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(failure)))
		var err error
		for range 3 {
			if _, err = r.Read(); errors.Is(err, failure) {
				break
			}
		}
		if !errors.Is(err, failure) {
			t.Errorf("after %d bytes: got %v, want the reader's own error", len(text), err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`203.0.113.9 - - [17/Mar/2026:10:05:03 +0200] "GET /\"q\" HTTP/1.1" 200 1 "a\\b\tc" "\xc3\xa9"`)
	f.Add(`h - - [17/Mar/2026:10:05:03 +0200] "\`)
	f.Fuzz(func(t *testing.T, line string) {
		if e, err := Parse(line); err == nil && (e.Host == "" || e.Bytes < 0 || e.Status < 0) {
			t.Errorf("%q: %+v", line, e)
		}
	})
}
