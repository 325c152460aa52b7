package event_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/event"
)

func TestHasherKeepsNoStateOfEarlierIDs(t *testing.T) {
	key := []byte("a test's hash key of 32 bytes ok")
	h := event.NewHasher(key)
	for _, id := range []string{"u1", strings.Repeat("long", 64), "", "u1", "u"} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("user\x00" + id))
		want := event.UnitHash(mac.Sum(nil)[:16])
		if got := h.Hash("user", id); got != want || event.HashUnit(key, "user", id) != want {
			t.Errorf("the hash of %q is %x, want %x", id, got, want)
		}
	}
}

func TestHasherAllocatesNothing(t *testing.T) {
	h := event.NewHasher([]byte("a test's hash key of 32 bytes ok"))
	h.Hash("user", strings.Repeat("x", event.MaxIDLength))
	if n := testing.AllocsPerRun(100, func() { h.Hash("user", "a3c5f9b2-5a55-4e3b-8d2b-9a1f6a7c0d11") }); n != 0 {
		t.Errorf("a hash takes %v allocations", n)
	}
}

func BenchmarkHasher(b *testing.B) {
	h := event.NewHasher([]byte("a test's hash key of 32 bytes ok"))
	b.ReportAllocs()
	for b.Loop() {
		h.Hash("user", "a3c5f9b2-5a55-4e3b-8d2b-9a1f6a7c0d11")
	}
}
