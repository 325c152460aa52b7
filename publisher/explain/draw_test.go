package explain

import (
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
)

// The hash of the first case is the example in ClickHouse's documentation of xxHash64.
func TestHashID(t *testing.T) {
	if h := hashID("Hello, world!"); h != 17691043854468224118 {
		t.Errorf("xxhash64 is %d", h)
	}
}

func TestDraw(t *testing.T) {
	for _, tt := range []struct {
		salt, id string
		half     Half
		hash     uint64
		slot     int
	}{
		{"layer/checkout", "user-4", High, 0x5ff81a9c6be65c8a, 3748},
		{"button", "user-4", High, 0x9afac5cda4698621, 6053},
		{"button", "user-4", Low, 0x9afac5cda4698621, 6422},
	} {
		if d := newDraw(tt.salt, tt.id, tt.half); d.Hash != tt.hash || d.Slot != tt.slot {
			t.Errorf("%s, want hash %x and slot %d", d, tt.hash, tt.slot)
		}
	}
}

func TestSQL(t *testing.T) {
	for _, tt := range []struct {
		draw Draw
		want string
	}{
		{newDraw("layer/checkout", "user-4", High),
			`SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('layer/checkout'))), 32) * 10000, 4294967296)`},
		{newDraw("button", "user-4", Low),
			`SELECT intDiv(bitAnd(intHash64(bitXor(xxHash64('user-4'), xxHash64('button'))), 4294967295) * 10000, 4294967296)`},
		{newDraw(`it's`, "a\\b\x00\n日本", Low),
			`SELECT intDiv(bitAnd(intHash64(bitXor(xxHash64('a\\b\x00\x0A日本'), xxHash64('it\'s'))), 4294967295) * 10000, 4294967296)`},
		{newDraw("s", "\xff\u0085é", Low),
			`SELECT intDiv(bitAnd(intHash64(bitXor(xxHash64('\xFF\xC2\x85é'), xxHash64('s'))), 4294967295) * 10000, 4294967296)`},
	} {
		if got := tt.draw.SQL(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestPosition(t *testing.T) {
	fragments := []model.Range{{From: 8_000, To: 10_000}, {From: 3_000, To: 6_000}, {From: 0, To: 1}}
	for _, tt := range []struct{ slot, want int }{
		{8_000, 0}, {9_999, 1_999}, {3_000, 2_000}, {5_999, 4_999}, {0, 5_000},
		{1, model.None}, {2_999, model.None}, {6_000, model.None}, {7_999, model.None},
	} {
		if got := position(fragments, tt.slot); got != tt.want {
			t.Errorf("position of %d is %d, want %d", tt.slot, got, tt.want)
		}
	}
	if got := position(nil, 0); got != model.None {
		t.Errorf("position in no ranges is %d", got)
	}
}
