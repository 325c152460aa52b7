package payload

import (
	"bytes"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

// Whatever width another writer chose, what it wrote is read.
func TestMsgpackOfOtherWriters(t *testing.T) {
	for _, n := range []uint64{0, 1, 127, 128, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, 1<<63 - 1} {
		for name, write := range map[string]func(*msgpack.Encoder) error{
			"compact":  func(e *msgpack.Encoder) error { e.UseCompactInts(true); return e.EncodeUint(n) },
			"unsigned": func(e *msgpack.Encoder) error { return e.EncodeUint64(n) },
			"signed":   func(e *msgpack.Encoder) error { return e.EncodeInt64(int64(n)) },
		} {
			var b bytes.Buffer
			if err := write(msgpack.NewEncoder(&b)); err != nil {
				t.Fatal(err)
			}
			r := msgpackReader{b.Bytes()}
			if got, err := r.uint(); err != nil || got != n || len(r.rest) != 0 {
				t.Errorf("%d, %s: %d, %v, %d bytes left", n, name, got, err, len(r.rest))
			}
		}
	}
	for _, n := range []int{0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536, 100_000} {
		text := strings.Repeat("x", n)
		var b bytes.Buffer
		e := msgpack.NewEncoder(&b)
		if err := errors.Join(e.EncodeMapLen(n), e.EncodeString(text), e.EncodeBytes([]byte(text))); err != nil {
			t.Fatal(err)
		}
		if own := appendBin(appendString(appendMapLen(nil, n), text), []byte(text)); !bytes.Equal(own, b.Bytes()) {
			t.Errorf("%d: begins %x, another writer's %x", n, own[:min(len(own), 8)], b.Bytes()[:min(b.Len(), 8)])
		}
		r := msgpackReader{b.Bytes()}
		keys, err := r.mapLen()
		s, errS := r.string()
		d, errD := r.bin()
		if errors.Join(err, errS, errD) != nil || keys != uint64(n) || string(s) != text || string(d) != text || len(r.rest) != 0 {
			t.Errorf("%d: %d keys, %d and %d bytes: %v", n, keys, len(s), len(d), errors.Join(err, errS, errD))
		}
	}
}

// Each of these inputs announces more than it holds. It is refused before room is made for it.
func TestMsgpackBombs(t *testing.T) {
	schema := "\xa6schema"
	for name, bomb := range map[string]string{
		"a map of 4 billion keys":           "\xdf\xff\xff\xff\xff",
		"a map of 65,535 keys":              "\xde\xff\xff",
		"more keys than are allowed":        "\xde\x01\x01" + strings.Repeat("\xa1x\xc4\x00", 257),
		"a key of 4 GiB":                    "\x81\xdb\xff\xff\xff\xff",
		"a column of 4 GiB":                 "\x81\xa1x\xc6\xff\xff\xff\xff",
		"a text of 4 GiB":                   "\x81\xa1x\xdb\xff\xff\xff\xff",
		"an array of 4 billion as a column": "\x81\xa1x\xdd\xff\xff\xff\xff",
		"nested arrays as a column":         "\x81\xa1x" + strings.Repeat("\x91", 1<<20),
		"nested maps as a column":           "\x81\xa1x" + strings.Repeat("\x81\xa1x", 1<<20),
		"nested maps as a key":              strings.Repeat("\x81", 1<<20),
		"an extension as a column":          "\x81\xa1x\xc9\xff\xff\xff\xff\x01",
		"nil as a column":                   "\x81\xa1x\xc0",
		"text as a column":                  "\x81\xa1x\xa1x",
		"a column twice":                    "\x82\xa1x\xc4\x00\xa1x\xc4\x00",
		"a number as a key":                 "\x81\x01\xc4\x00",
		"a negative schema":                 "\x81" + schema + "\xd0\xff",
		"text as schema":                    "\x81" + schema + "\xa11",
		"a fraction as schema":              "\x81" + schema + "\xca\x3f\x80\x00\x00",
		"a schema that is cut off":          "\x81" + schema + "\xcf\x00",
		"an array":                          "\x91\x01",
		"nothing":                           "",
		"something after its end":           "\x80\x00",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := NewReader([]byte(bomb))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
		// The bytes are copied for NewReader once, above.
		if got, limit := after.TotalAlloc-before.TotalAlloc, uint64(len(bomb)+64<<10); got > limit {
			t.Errorf("%s: %d bytes took %d bytes to refuse", name, len(bomb), got)
		}
	}
}
