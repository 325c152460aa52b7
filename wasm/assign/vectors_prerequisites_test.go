package assign_test

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/abi"
)

var unmet = because(abi.ReasonPrerequisite)

// require adds an experiment with one prerequisite.
func (s *suite) require(key, other string, variants ...string) {
	s.experiment(key)
	s.requires(key, other, variants...)
}

func prerequisiteVectors() *suite {
	s := stepSuite("prerequisites", "What another experiment or flag must give first.")
	// "base" is for requests that have s.
	s.experiment("base", split(5_000, 10_000), override("tester", 1), audience(&model.Expr{Op: model.OpPresent, Attr: 1}))
	a := with(asUser(find(hasVariantSlot("base", 0))), "s", "x")
	b := with(asUser(find(hasVariantSlot("base", 9_999))), "s", "x")
	nobody := asUser(find(hasVariantSlot("base", 9_999)))

	s.require("needs_b", "base", "b")
	s.check("needs_b", "variant", b, given("on"), "the other gives the variant")
	s.check("needs_b", "another variant", a, unmet, "the other gives another variant")
	s.check("needs_b", "no variant", nobody, unmet, "the other gives nothing: its audience does not match")
	s.check("needs_b", "override", asUser("tester"), given("on"), "the other gives the variant by its override list")
	s.check("needs_b", "bot", with(b, "bot", true), because(abi.ReasonBot), "exclusions come first")
	s.require("needs_any", "base", "a", "b")
	s.check("needs_any", "first of several", a, given("on"), "one of the variants is enough")
	s.check("needs_any", "second of several", b, given("on"), "one of the variants is enough")
	s.check("needs_any", "none of several", nobody, unmet, "some variant is needed")

	s.flag("flag", audience(&model.Expr{Op: model.OpIn, Attr: 1, Strings: []string{"x"}}))
	s.require("needs_flag", "flag", "on")
	s.check("needs_flag", "flag by rule", b, given("on"), "a flag counts like an experiment")
	s.check("needs_flag", "flag by default, not required", nobody, unmet, "a flag's default is a variant like others")
	s.require("needs_default", "flag", "off")
	s.check("needs_default", "flag by default", nobody, given("on"), "a flag's default counts as given")
	s.flag("paused_flag", killed)
	s.require("needs_paused_flag", "paused_flag", "off")
	s.check("needs_paused_flag", "paused flag", b, given("on"), "a paused flag gives its default")
	s.experiment("paused", killed)
	s.require("needs_paused", "paused", "on")
	s.check("needs_paused", "paused experiment", b, unmet, "a paused experiment gives nothing")

	s.require("needs_two", "base", "b")
	s.requires("needs_two", "flag", "on")
	s.check("needs_two", "both", b, given("on"), "both prerequisites hold")
	s.check("needs_two", "second only", a, unmet, "all prerequisites must hold: the first does not")
	s.check("needs_two", "first only", asUser("tester"), unmet, "all prerequisites must hold: the second does not")

	s.otherStepCases(b)
	s.chainCases(b, nobody)
	return s.done()
}

// otherStepCases let a prerequisite fail for reasons that the experiment itself has not.
func (s *suite) otherStepCases(user explain.Request) {
	s.experiment("device", forDevices)
	s.require("needs_device", "device", "on")
	both := with(user)
	both.Units = map[string]string{"user": "user-1", "device": "d"}
	s.check("needs_device", "device", both, given("on"), "the other is decided with its own unit")
	s.check("needs_device", "no device", user, unmet, "the other has no unit")
	s.flag("device_flag", forDevices)
	s.require("needs_device_default", "device_flag", "off")
	s.check("needs_device_default", "no device, flag", user, given("on"), "a flag gives its default where it has no unit")

	s.experiment("scheduled", starting(noon), ending(later))
	s.require("needs_scheduled", "scheduled", "on")
	s.check("needs_scheduled", "at the start", user, given("on"), "the other is decided at the same time")
	s.check("needs_scheduled", "before the start", at(user, noon.Add(-time.Millisecond)), unmet, "the other is decided at the same time")
	s.check("needs_scheduled", "at the end", at(user, later), unmet, "the other is decided at the same time")

	s.experiment("held_out", holdouts(holdoutEveryone))
	s.require("needs_held_out", "held_out", "on")
	s.check("needs_held_out", "held out", user, unmet, "the other holds the unit out")
	s.flag("flag_needs_base")
	s.requires("flag_needs_base", "base", "b")
	s.check("flag_needs_base", "flag", user, given("on"), "a flag may require an experiment")
	s.check("flag_needs_base", "flag of a bot", with(user, "bot", true), defaults("off", abi.ReasonPrerequisite),
		"the experiment is not for bots, so the flag gives its default")

	s.require("aaa", "zzz", "on")
	s.experiment("zzz")
	s.check("aaa", "later key", user, given("on"), "the order of the payload does not matter")
	s.require("aab", "zzy", "on")
	s.experiment("zzy", killed)
	s.check("aab", "later key that is paused", user, unmet, "the order of the payload does not matter")
}

// chainCases go down to the depth that is allowed, and through a diamond.
func (s *suite) chainCases(start, stop explain.Request) {
	s.experiment("chain_0", audience(&model.Expr{Op: model.OpPresent, Attr: 1}))
	for i := 1; i <= model.MaxPrerequisiteDepth; i++ {
		s.require(fmt.Sprintf("chain_%d", i), fmt.Sprintf("chain_%d", i-1), "on")
	}
	s.check("chain_8", "chain of 8 holds", start, given("on"), "chains are followed to their end")
	s.check("chain_8", "chain of 8 fails at its end", stop, unmet, "chains are followed to their end")
	s.check("chain_1", "chain of 1 fails at its end", stop, unmet, "the reason is prerequisite, not that of the other")
	s.check("chain_0", "end of the chain", stop, because(abi.ReasonAudience), "only the end has another reason")

	s.require("left", "base", "a", "b")
	s.require("right", "base", "b")
	s.require("top", "left", "on")
	s.requires("top", "right", "on")
	s.check("top", "diamond", start, given("on"), "two prerequisites may have the same one")
	s.check("top", "diamond fails", stop, unmet, "two prerequisites may have the same one")
}
