package assign

import "testing"

// The numbers are those of the worked example in the documentation of package payload.
func TestWorkedExample(t *testing.T) {
	h := Hash("checkout_button", "user-1")
	if h != 0xd5be9cb16445dda1 || Slot(h) != 8349 || VariantSlot(h) != 3916 {
		t.Errorf("hash %#x, slot %d, variant slot %d", h, Slot(h), VariantSlot(h))
	}
}

func TestSlotsCoverTheirRange(t *testing.T) {
	for _, test := range []struct {
		hash          uint64
		slot, variant int
	}{
		{0, 0, 0},
		{1<<64 - 1, Slots - 1, Slots - 1},
		{1<<32 - 1, 0, Slots - 1},
		{1 << 63, Slots / 2, 0},
	} {
		if s, v := Slot(test.hash), VariantSlot(test.hash); s != test.slot || v != test.variant {
			t.Errorf("%#x: slot %d, variant slot %d, want %d and %d", test.hash, s, v, test.slot, test.variant)
		}
	}
}
