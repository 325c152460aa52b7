package collector_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/event"
)

// compress returns text in a coding.
func compress(t *testing.T, coding, text string) string {
	t.Helper()
	var packed bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&packed)
	if coding == "zstd" {
		var err error
		if w, err = zstd.NewWriter(&packed); err != nil { // a stream does not say its size
			t.Fatal(err)
		}
	}
	_, err := io.WriteString(w, text)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// zstdFrame returns text as a frame that says its size.
func zstdFrame(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

// pack returns a value as msgpack.
func pack(t *testing.T, value any) string {
	t.Helper()
	data, err := msgpack.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

type fields = map[string]any

func TestBodyForms(t *testing.T) {
	exposures := fields{"source": "s", "boot": "b", "of_later": []any{1.5, nil, fields{"a": []byte{1}}}, "exposures": []any{
		fields{"seq": 1, "time": noon.UnixMilli(), "experiment": "e", "variant": "v", "phase": 1, "unit": "user", "unit_id": "u", "revision": 1, "later": true},
	}}
	deep := "\x85" + pack(t, exposures)[1:] + pack(t, "later") + strings.Repeat("\x91", 1_000_000) + "\xc0"
	tests := []struct{ name, path, kind, coding, body string }{
		{"no type", "track", "", "", track},
		{"JSON", "track", "application/json", "", track},
		{"JSON with a charset", "track", "Application/JSON; charset=utf-8", "", track},
		{"what curl sends", "track", "application/x-www-form-urlencoded", "", track},
		{"what fetch sends", "track", "text/plain;charset=UTF-8", "identity", track},
		{"gzip", "track", "application/json", "gzip", compress(t, "gzip", track)},
		{"zstd stream", "track/batch", "application/json", "zstd", compress(t, "zstd", `{"events":[`+track+`]}`)},
		{"zstd frame", "track", "", "ZSTD", zstdFrame(t, track)},
		{"msgpack", "exposures", "application/msgpack", "", pack(t, exposures)},
		{"msgpack, zstd", "exposures", "application/msgpack", "zstd", zstdFrame(t, pack(t, exposures))},
		{"msgpack, zstd stream", "exposures", "application/msgpack", "zstd", compress(t, "zstd", pack(t, exposures))},
		{"msgpack, gzip", "exposures", "application/msgpack", "gzip", compress(t, "gzip", pack(t, exposures))},
		{"two zstd frames", "track", "", "zstd", zstdFrame(t, track[:9]) + zstdFrame(t, track[9:])},
		{"msgpack, a million arrays in each other", "exposures", "application/msgpack", "", deep},
		{"msgpack, no less in zstd", "exposures", "application/msgpack", "zstd", zstdFrame(t, deep)},
		{"the largest body", "track", "", "gzip", compress(t, "gzip", strings.Repeat(" ", event.MaxBatchBytes-len(track))+track)},
		{"the largest body in zstd", "track", "", "zstd", compress(t, "zstd", strings.Repeat(" ", event.MaxBatchBytes-len(track))+track)},
	}
	col := start(t, config(t, newBucket()))
	defer col.Close(t.Context())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if w := post(col.Handler(), "/api/v1/"+tt.path, tt.body, "Content-Type", tt.kind, "Content-Encoding", tt.coding); w.Code != http.StatusAccepted {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestBodiesThatAreRefused(t *testing.T) {
	tests := []struct {
		name, path, kind, coding, body string
		status                         int
		detail                         string
	}{
		{"another type", "track", "application/xml", "", track, 415, "Content-Type application/xml: send application/json"},
		{"no type at all", "track", ";", "", track, 415, "Content-Type ;: send application/json"},
		{"msgpack for outcomes", "track/batch", "application/msgpack", "", track, 415, "send application/json"},
		{"msgpack for a report", "hosts", "application/msgpack", "", track, 415, "send application/json"},
		{"another type for exposures", "exposures", "application/cbor", "", track, 415, "send application/json or application/msgpack"},
		{"another coding", "track", "", "br", track, 415, "Content-Encoding br: send zstd, gzip, or no compression"},
		{"two codings", "track", "", "gzip, zstd", track, 415, "Content-Encoding gzip, zstd: send"},
		{"damaged gzip", "track", "", "gzip", track, 400, "the body is not valid gzip"},
		{"gzip that says it is none", "track", "", "", compress(t, "gzip", track), 400, "the body looks like gzip: send Content-Encoding: gzip"},
		{"zstd that says it is none", "exposures", "application/msgpack", "identity", zstdFrame(t, track), 400, "the body looks like zstd: send Content-Encoding: zstd"},
		{"cut gzip", "track", "", "gzip", compress(t, "gzip", track)[:30], 400, "the body is not valid gzip"},
		{"damaged zstd", "track", "", "zstd", track, 400, "the body is not valid zstd"},
		{"cut zstd", "track", "", "zstd", zstdFrame(t, strings.Repeat(track, 9))[:40], 400, "the body is not valid zstd"},
		{"a gzip bomb", "track", "", "gzip", compress(t, "gzip", strings.Repeat(" ", 100*event.MaxBatchBytes)), 413, "larger than 1048576 bytes"},
		{"a zstd bomb", "track", "", "zstd", compress(t, "zstd", strings.Repeat(" ", 100*event.MaxBatchBytes)), 413, "larger than 1048576 bytes"},
		{"a zstd bomb that says so", "track", "", "zstd", zstdFrame(t, strings.Repeat(" ", 100*event.MaxBatchBytes)), 413, "larger than 1048576 bytes"},
		{"a byte too many", "track", "", "zstd", zstdFrame(t, strings.Repeat(" ", event.MaxBatchBytes-len(track)+1)+track), 413, "larger than 1048576 bytes"},
		{"a report that is too large", "hosts", "", "zstd", zstdFrame(t, strings.Repeat(" ", event.MaxBatchBytes)), 413, "the report is larger than 16384 bytes"},
	}
	col := start(t, config(t, newBucket()))
	defer col.Close(t.Context())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkProblem(t, post(col.Handler(), "/api/v1/"+tt.path, tt.body, "Content-Type", tt.kind, "Content-Encoding", tt.coding), tt.status, tt.detail)
		})
	}
}

// What JSON refuses, msgpack refuses, in the same words.
func TestProblemsOfMsgpack(t *testing.T) {
	good := func(change fields) fields {
		f := fields{"seq": 1, "time": noon.UnixMilli(), "experiment": "e", "variant": "v", "phase": 1, "unit": "user", "unit_id": "secret-id", "revision": 1}
		for name, value := range change {
			f[name] = value
		}
		return f
	}
	batch := func(exposures any) string {
		return pack(t, fields{"source": "s", "boot": "b", "exposures": exposures})
	}
	with := func(change fields) string { return batch([]any{good(nil), good(change)}) }
	many := make([]fields, event.MaxExposures+1)
	for i := range many {
		many[i] = good(fields{"seq": i + 1})
	}
	wide := fields{}
	for i := range 33 {
		wide[string(rune('A'+i))] = 1
	}
	whole := batch([]any{good(nil)})
	tests := []struct{ name, body, detail string }{
		{"nothing", "", "the body is not valid msgpack: it ends too early"},
		{"JSON", `{"source":"s"}`, "the body: want a map, got a number"},
		{"no source", pack(t, fields{"boot": "b", "exposures": []any{good(nil)}}), "source: must not be empty"},
		{"a source that is nil", pack(t, fields{"source": nil, "boot": "b", "exposures": []any{good(nil)}}), "source: must not be empty"},
		{"no exposures", pack(t, fields{"source": "s", "boot": "b"}), "exposures: must have at least one event"},
		{"exposures that are a map", batch(fields{}), "exposures: want an array, got a map"},
		{"too many exposures", batch(many), "exposures: has 1001 events; the limit is 1000"},
		{"an exposure that is text", batch([]any{"secret-id"}), "exposures[0]: want a map, got a string"},
		{"no seq", with(fields{"seq": nil}), "exposures[1].seq: must be at least 1"},
		{"a negative seq", with(fields{"seq": -1}), "exposures[1].seq: want a whole number, not negative, got a number"},
		{"a seq with a fraction", with(fields{"seq": 1.5}), "exposures[1].seq: want a whole number, not negative, got a number"},
		{"a time beyond", with(fields{"time": uint64(1 << 63)}), "exposures[1].time: want a whole number, got a number"},
		{"a time that is text", with(fields{"time": "secret-id"}), "exposures[1].time: want a whole number, got a string"},
		{"a phase beyond its column", with(fields{"phase": 1 << 31}), "exposures[1].phase: must be between 1 and 2147483647"},
		{"a unit id of bytes", with(fields{"unit_id": []byte("secret-id")}), "exposures[1].unit_id: want a string, got bytes"},
		{"a unit id that is not UTF-8", with(fields{"unit_id": "secret-id\xff"}), "exposures[1].unit_id: is not valid UTF-8"},
		{"a flag for a bool", with(fields{"override": 1}), "exposures[1].override: want true or false, got a number"},
		{"names that are numbers", pack(t, map[int]int{1: 1}), "the body: want names that are strings, got a number"},
		{"more names than exposures have", with(wide), "exposures[1]: want a map of at most 32 members"},
		{"a name twice", "\x82" + pack(t, "source") + pack(t, "s") + pack(t, "source") + pack(t, "s"), "source: is there twice"},
		{"more after it", whole + "\x01", "there is more after the msgpack map"},
		{"an array that claims more than there is", "\x81" + pack(t, "later") + "\xdd\xff\xff\xff\xff" + strings.Repeat("\xc0", 1000), "the body is not valid msgpack: it ends too early"},
		{"a map that claims more than there is", "\x81" + pack(t, "later") + "\xdf\xff\xff\xff\xff" + strings.Repeat("\xc0", 1000), "the body is not valid msgpack: it ends too early"},
		{"arrays in arrays without an end", "\x81" + pack(t, "later") + strings.Repeat("\x91", 1_000_000), "the body is not valid msgpack: it ends too early"},
		{"an invalid byte", "\x81" + pack(t, "later") + "\xc1", "the body is not valid msgpack"},
	}
	b := newBucket()
	col := start(t, config(t, b))
	send := func(body string) *httptest.ResponseRecorder {
		return post(col.Handler(), "/api/v1/exposures", body, "Content-Type", "application/msgpack")
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := send(tt.body)
			checkProblem(t, w, 400, tt.detail)
			if strings.Contains(w.Body.String(), "secret-id") {
				t.Errorf("the answer repeats the unit's id: %s", w.Body)
			}
		})
	}
	for cut := range whole {
		if w := send(whole[:cut]); w.Code != 400 {
			t.Errorf("%d bytes of %d: %d %s", cut, len(whole), w.Code, w.Body)
		}
	}
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := b.names(); len(names) != 0 {
		t.Errorf("refused events were stored: %v", names)
	}
}
