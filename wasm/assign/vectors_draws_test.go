package assign_test

import (
	"fmt"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// wideVariants makes an experiment whose variant tells the variant slot to a hundred.
func wideVariants(e *model.Experiment) {
	e.Variants, e.Rules[0].Split = nil, nil
	for i := range 100 {
		e.Variants = append(e.Variants, variants(wideVariant(100*i))...)
		e.Rules[0].Split = append(e.Rules[0].Split, model.Share{To: 100 * (i + 1), Variant: i})
	}
}

func wideVariant(slot int) string { return fmt.Sprintf("v%02d", slot/100) }

// hashedLengths lie on both sides of the lengths at which xxhash64 takes another path.
var hashedLengths = []int{3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 32, 33, 36, 40, 63, 64, 65, 127, 128}

func drawVectors() *suite {
	s := newSuite("draws", "The hash, its two halves, positions and splits. The variant of a wide experiment is the variant slot, in hundreds.")
	s.program.Layers = []model.Layer{{Key: "page"}}
	s.experiment("wide", wideVariants)
	wide := func(id, why string) {
		s.check("wide", fmt.Sprintf("id %.20q of %d bytes", id, len(id)), asUser(id), given(wideVariant(variantSlotOf("wide", id))), why)
	}
	for _, id := range []string{"u", "u1", "u12", "user-1", "a@example.com", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"} {
		wide(id, "the hash of the id and that of the salt, mixed")
	}
	// The hash takes its input in parts of 32, 8, 4 and 1 bytes.
	for _, n := range hashedLengths {
		wide(strings.Repeat("x", n), fmt.Sprintf("an id of %d bytes is hashed", n))
	}
	wide(strings.Repeat("x", 1_024), "an id of 1,024 bytes is hashed")
	wide("日本", "ids are hashed as UTF-8")
	wide("e\u0301", "ids are not normalised")
	wide("\xff", "ids need not be UTF-8")
	wide("a\x00b", "a zero byte ends no id")
	wide(" u ", "ids are not trimmed")
	wide("USER-1", "ids keep their case")

	s.experiment("renamed", wideVariants, salt("another salt é"))
	s.check("renamed", "salt", asUser("user-1"), given(wideVariant(variantSlotOf("another salt é", "user-1"))), "the salt is hashed, not the key")
	for _, n := range hashedLengths {
		key, text := fmt.Sprintf("salt_%03d", n), strings.Repeat("s", n)
		s.experiment(key, wideVariants, salt(text))
		s.check(key, fmt.Sprintf("salt of %d bytes", n), asUser("user-1"), given(wideVariant(variantSlotOf(text, "user-1"))), "the salt is hashed")
	}
	s.experiment("device", wideVariants, forDevices)
	both := asUser("user-1")
	both.Units["device"] = "device-1"
	s.check("device", "draw of a device", both, given(wideVariant(variantSlotOf("device", "device-1"))), "the id of the experiment's unit type is hashed")
	s.experiment("in_layer", wideVariants, inLayer(0))
	s.check("in_layer", "variant in a layer", asUser("user-1"), given(wideVariant(variantSlotOf("in_layer", "user-1"))),
		"the variant is drawn with the experiment's salt, also in a layer")
	s.enrolmentCases()
	s.splitCases()
	return s.done()
}

func (s *suite) enrolmentCases() {
	own := func(slot int) string {
		// The other half lies on the other side of the middle.
		return find(hasSlot("half", slot), func(id string) bool { return (variantSlotOf("half", id) < 5_000) != (slot < 5_000) })
	}
	s.experiment("half", slots(0, 5_000), traffic(5_000))
	s.check("half", "first slot", asUser(own(0)), given("on"), "slot 0 is owned; the slot is the high half of the hash")
	s.check("half", "last slot", asUser(own(4_999)), given("on"), "ranges end before their end")
	s.check("half", "slot after the last", asUser(own(5_000)), because(abi.ReasonLayer), "ranges end before their end")
	s.check("half", "highest slot", asUser(own(9_999)), because(abi.ReasonLayer), "the slot is the high half of the hash")

	s.experiment("fragments", inLayer(0), slots(8_000, 10_000, 3_000, 6_000), traffic(2_001))
	for _, c := range []struct {
		slot int
		want outcome
		why  string
	}{
		{8_000, given("on"), "the first slot of the first range has position 0"},
		{9_999, given("on"), "the last slot of the first range has position 1,999"},
		{3_000, given("on"), "positions go on in the second range, though its slots are lower: 2,000"},
		{3_001, because(abi.ReasonTraffic), "position 2,001 is not below traffic 2,001"},
		{5_999, because(abi.ReasonTraffic), "the last slot of the second range is owned"},
		{6_000, because(abi.ReasonLayer), "the slot after a range is not owned"},
		{7_999, because(abi.ReasonLayer), "the slot before a range is not owned"},
		{2_999, because(abi.ReasonLayer), "the slot before a range is not owned"},
		{0, because(abi.ReasonLayer), "slot 0 is not owned"},
	} {
		other := func(id string) bool { return slotOf("fragments", id) != c.slot }
		s.check("fragments", fmt.Sprintf("layer slot %d", c.slot), asUser(find(hasSlot("layer/page", c.slot), other)), c.want,
			c.why+"; in a layer the slot is drawn with the layer's salt")
	}
	s.experiment("fragments_of_devices", inLayer(0), forDevices, slots(0, 3_000))
	both := asUser(find(hasSlot("layer/page", 3_000)))
	both.Units["device"] = find(hasSlot("layer/page", 0))
	s.check("fragments_of_devices", "device in the slots, user not", both, given("on"), "each unit type has a draw of its own in a layer")
	s.experiment("full", traffic(9_999))
	s.check("full", "traffic of all but one", asUser(find(hasSlot("full", 9_999))), because(abi.ReasonTraffic), "position 9,999 is not below 9,999")
	s.check("full", "last position", asUser(find(hasSlot("full", 9_998))), given("on"), "position 9,998 is")
}

func (s *suite) splitCases() {
	check := func(key string, slot int, variant, why string) {
		id := find(hasVariantSlot(key, slot), func(id string) bool { return slotOf(key, id)/100 != slot/100 })
		s.check(key, fmt.Sprintf("%s, variant slot %d", key, slot), asUser(id), given(variant), why)
	}
	s.experiment("thirds", split(3_333, 6_667, 10_000))
	check("thirds", 0, "a", "variant slot 0 is the first variant's")
	check("thirds", 3_332, "a", "a share ends before its end")
	check("thirds", 3_333, "b", "a share begins at the end of the one before")
	check("thirds", 6_666, "b", "a share ends before its end")
	check("thirds", 6_667, "c", "a share begins at the end of the one before")
	check("thirds", 9_999, "c", "the last share ends with the last slot")
	s.experiment("tiny", split(1, 10_000))
	check("tiny", 0, "a", "a share may be one slot")
	check("tiny", 1, "b", "a share may be one slot")
	s.experiment("twice", split(2_500, 5_000, 10_000), func(e *model.Experiment) { e.Rules[0].Split[2].Variant = 0 })
	check("twice", 5_000, "a", "a variant may have several shares")
	check("twice", 2_500, "b", "a variant may have several shares")
}
