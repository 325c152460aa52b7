package assign_test

import (
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func flagVectors() *suite {
	s := stepSuite("flags", "A flag always gives something: by the first rule that applies, or its default.")
	user := asUser("user-1")
	s.flag("plain", override("tester", 0))
	s.check("plain", "rule", user, given("on"), "a rule applies")
	s.check("plain", "override", asUser("tester"), defaults("off", abi.ReasonOverride), "flags have override lists")
	s.check("plain", "no unit", asDevice("d"), defaults("off", abi.ReasonNoUnit), "a flag gives its default")
	s.check("plain", "opted out", asUser("gone"), given("on"), "the opt-out list is for experiments only")
	s.check("plain", "bot", with(user, "bot", true), given("on"), "exclusions are for experiments only")
	s.check("plain", "internal", with(user, "staff", true), given("on"), "exclusions are for experiments only")
	s.flag("killed", killed)
	s.check("killed", "paused", user, defaults("off", abi.ReasonKillSwitch), "a flag gives its default")
	s.flag("starts", starting(later))
	s.check("starts", "not started", user, defaults("off", abi.ReasonNotStarted), "a flag gives its default")
	s.flag("ends", ending(noon))
	s.check("ends", "ended", user, defaults("off", abi.ReasonEnded), "a flag gives its default")
	s.experiment("paused", killed)
	s.flag("requires")
	s.requires("requires", "paused", "on")
	s.check("requires", "prerequisite", user, defaults("off", abi.ReasonPrerequisite), "a flag gives its default")

	s.flag("second_default", func(e *model.Experiment) { e.Default = 1; e.Rules[0].Split[0].Variant = 0 }, never)
	s.check("second_default", "default that is not the first", user, defaults("on", abi.ReasonDefault), "the default is a variant by name, not the first")

	s.flag("audience", never)
	s.check("audience", "audience", user, defaults("off", abi.ReasonDefault), "the reason of a flag is default, whatever failed")
	s.flag("traffic", traffic(0))
	s.check("traffic", "traffic", user, defaults("off", abi.ReasonDefault), "the reason of a flag is default, whatever failed")
	s.flag("slots", nowhere)
	s.check("slots", "slots", user, defaults("off", abi.ReasonDefault), "the reason of a flag is default, whatever failed")

	s.flag("rules", rules)
	for _, c := range []struct {
		s    string
		want outcome
		why  string
	}{
		{"first", byRule(0, "a"), "the first rule that applies decides"},
		{"second", byRule(1, "b"), "a rule whose audience fails is passed over"},
		{"third", byRule(3, "d"), "a rule whose traffic fails is passed over, though its audience matches"},
		{"fourth", byRule(5, "f"), "a rule that owns no slots is passed over, though its audience matches"},
		{"none", byRule(6, "g"), "a rule without audience applies to everybody"},
	} {
		s.check("rules", "rule for "+c.s, with(user, "s", c.s), c.want, c.why)
	}
	return s.done()
}

// rules makes a flag with seven rules, each of which gives another variant.
func rules(e *model.Experiment) {
	e.Variants = variants("a", "b", "c", "d", "e", "f", "g")
	e.Rules = nil
	for i, text := range []string{"first", "second", "third", "third", "fourth", "fourth", ""} {
		rule := fullRule(i)
		if text != "" {
			rule.Audience = &model.Expr{Op: model.OpIn, Attr: 1, Strings: []string{text}}
		}
		e.Rules = append(e.Rules, rule)
	}
	e.Rules[2].Traffic = 0
	e.Rules[4].Slots, e.Rules[4].Traffic = nil, 0
}
