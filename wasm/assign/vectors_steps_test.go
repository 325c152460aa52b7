package assign_test

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

const (
	globalSlots = 100   // of the holdout "global"
	layerSlots  = 2_000 // of the holdout "layer/page"
)

// Holdouts and exclusions that step and flag vectors share.
const (
	holdoutGlobal = iota
	holdoutLayer
	holdoutEveryone
	holdoutNobody
)

// stepSuite has everything that may keep a unit out.
func stepSuite(name, why string) *suite {
	s := newSuite(name, why)
	p := s.program
	p.Attributes = []model.Attribute{
		{Name: "bot", Type: model.Bool}, {Name: "s", Type: model.String}, {Name: "staff", Type: model.Bool},
	}
	p.Exclusions = []model.Exclusion{
		{Kind: model.ExcludeBot, Audience: &model.Expr{Op: model.OpTrue, Attr: 0}},
		{Kind: model.ExcludeInternal, Audience: &model.Expr{Op: model.OpTrue, Attr: 2}},
	}
	p.Layers = []model.Layer{{Key: "page"}}
	p.Holdouts = []model.Holdout{
		holdoutGlobal: {Key: "global", Slots: globalSlots}, holdoutLayer: {Key: "layer/page", Slots: layerSlots},
		holdoutEveryone: {Key: "everyone", Slots: model.Slots}, holdoutNobody: {Key: "nobody", Slots: 0},
	}
	s.segment("vip", 0, "user-1", "vip")
	p.OptOut = []int{
		s.segment("left", 0, "gone", "gone-too"), s.segment("left again", 0, "gone-later"), s.segment("left devices", 1, "lost"),
	}
	return s
}

var (
	never   = audience(&model.Expr{Op: model.OpIn, Attr: 1, Strings: []string{"never"}})
	nowhere = slots()
	later   = noon.Add(time.Hour)
	earlier = noon.Add(-time.Hour)
)

func stepVectors() *suite {
	s := stepSuite("steps", "What keeps a unit out of an experiment, and what comes first where several things do.")
	user := asUser("user-1")

	s.experiment("plain")
	s.check("plain", "assigned", user, given("on"), "nothing is against it")
	s.check("plain", "no unit", asDevice("user-1"), because(abi.ReasonNoUnit), "an id of another unit type is no id of this one")
	s.check("plain", "empty id", asUser(""), because(abi.ReasonNoUnit), "an empty id is none")
	s.experiment("device", forDevices)
	s.check("device", "unit of another type", asDevice("d"), given("on"), "the experiment's unit type counts, not the first one")
	s.check("device", "no device", user, because(abi.ReasonNoUnit), "the experiment's unit type counts, not the first one")

	s.experiment("killed", killed, override("tester", 0))
	s.check("killed", "paused", user, because(abi.ReasonKillSwitch), "nobody is assigned")
	s.check("killed", "paused with override", asUser("tester"), because(abi.ReasonKillSwitch), "paused comes before the override list")
	s.check("killed", "paused without unit", asDevice("d"), because(abi.ReasonNoUnit), "the unit comes before paused")

	s.experiment("overridden", split(5_000, 10_000), override("tester", 1), override("gone", 0), override("other", 0),
		holdouts(holdoutEveryone), starting(later), ending(earlier), never, nowhere, traffic(0))
	s.requires("overridden", "killed", "on")
	s.check("overridden", "override", asUser("tester"), defaults("b", abi.ReasonOverride),
		"the list comes before holdout, schedule, prerequisites, layer, audience and traffic")
	s.check("overridden", "another override", asUser("other"), defaults("a", abi.ReasonOverride), "each unit has its own variant")
	s.check("overridden", "override of a bot", with(asUser("tester"), "bot", true, "staff", true), defaults("b", abi.ReasonOverride),
		"the list comes before bot and internal")
	s.check("overridden", "override of one who opted out", asUser("gone"), defaults("a", abi.ReasonOverride),
		"the list comes before the opt-out list")
	s.check("overridden", "not on the list", user, because(abi.ReasonHoldout), "the list is not for everybody")

	s.check("plain", "opted out", asUser("gone"), because(abi.ReasonOptOut), "the unit is on the opt-out list")
	s.check("plain", "opted out, another id", asUser("gone-too"), because(abi.ReasonOptOut), "every id of the list counts")
	s.check("plain", "opted out, another list", asUser("gone-later"), because(abi.ReasonOptOut), "every opt-out list counts")
	s.check("plain", "in a segment", asUser("vip"), given("on"), "only the segments named as opt-out lists opt anybody out")
	s.check("plain", "opt-out list of devices", asUser("lost"), given("on"), "a list of device ids says nothing of users")
	s.check("device", "device opted out", asDevice("lost"), because(abi.ReasonOptOut), "lists are for units of every type")
	both := asUser("user-1")
	both.Units["device"] = "lost"
	s.check("plain", "the user's device opted out", both, given("on"), "only the experiment's unit counts")

	s.check("plain", "bot", with(user, "bot", true), because(abi.ReasonBot), "the bot exclusion matches")
	s.check("plain", "no bot", with(user, "bot", false), given("on"), "the exclusion does not match")
	s.check("plain", "bot of another type", with(user, "bot", "true"), given("on"), "an exclusion that is unknown does not match")
	s.check("plain", "internal", with(user, "staff", true), because(abi.ReasonInternal), "the internal exclusion matches")
	s.check("plain", "bot and internal", with(user, "bot", true, "staff", true), because(abi.ReasonBot), "bot comes before internal")

	s.holdoutCases()
	s.scheduleCases()
	s.orderCases()
	return s.done()
}

func (s *suite) holdoutCases() {
	global, layer := s.program.Holdouts[holdoutGlobal].Salt(), s.program.Holdouts[holdoutLayer].Salt()
	outside := func(id string) bool { return slotOf(global, id) >= globalSlots }
	s.experiment("held_out", holdouts(holdoutGlobal))
	s.check("held_out", "last slot of the holdout", asUser(find(hasSlot(global, globalSlots-1))), because(abi.ReasonHoldout),
		"slots below the holdout's are held out")
	s.check("held_out", "first slot after the holdout", asUser(find(hasSlot(global, globalSlots))), given("on"),
		"slots from the holdout's on are not")
	s.experiment("held_out_twice", holdouts(holdoutGlobal, holdoutLayer))
	s.check("held_out_twice", "last slot of the second", asUser(find(outside, hasSlot(layer, layerSlots-1))), because(abi.ReasonHoldout),
		"every holdout counts, each with its own salt")
	s.check("held_out_twice", "first slot after the second", asUser(find(outside, hasSlot(layer, layerSlots))), given("on"),
		"every holdout counts, each with its own size")
	s.check("held_out", "in another holdout", asUser(find(outside, hasSlot(layer, 0))), given("on"),
		"only the experiment's own holdouts count")
	s.experiment("held_out_all", holdouts(holdoutEveryone))
	s.check("held_out_all", "holdout of everybody", asUser(find(hasSlot("holdout/everyone", model.Slots-1))), because(abi.ReasonHoldout),
		"10,000 slots are all")
	s.experiment("held_out_none", holdouts(holdoutNobody))
	s.check("held_out_none", "holdout of nobody", asUser(find(hasSlot("holdout/nobody", 0))), given("on"), "no slots are none, not even slot 0")
	s.experiment("held_out_device", holdouts(holdoutGlobal), forDevices)
	s.check("held_out_device", "device in the holdout", asDevice(find(hasSlot(global, 0))), because(abi.ReasonHoldout),
		"the draw is made with the experiment's unit")
	both := asUser(find(outside))
	both.Units["device"] = find(hasSlot(global, 0))
	s.check("held_out_device", "device in the holdout, user not", both, because(abi.ReasonHoldout), "each unit type has a draw of its own in a holdout")
	s.check("held_out", "user not in the holdout, device is", both, given("on"), "each unit type has a draw of its own in a holdout")
}

func (s *suite) scheduleCases() {
	user := asUser("user-1")
	s.experiment("starts", starting(noon))
	s.check("starts", "before the start", at(user, noon.Add(-time.Millisecond)), because(abi.ReasonNotStarted), "one millisecond too early")
	s.check("starts", "at the start", user, given("on"), "the start belongs to the schedule")
	s.check("starts", "long after the start", at(user, noon.AddDate(100, 0, 0)), given("on"), "no end means for ever")
	s.experiment("ends", ending(noon))
	s.check("ends", "before the end", at(user, noon.Add(-time.Millisecond)), given("on"), "one millisecond is left")
	s.check("ends", "at the end", user, because(abi.ReasonEnded), "the end does not belong to the schedule")
	s.check("ends", "long before the end", at(user, time.UnixMilli(-1)), given("on"), "no start means since ever, before 1970 too")
	s.experiment("starts_after_end", starting(later), ending(earlier))
	s.check("starts_after_end", "neither started nor running", user, because(abi.ReasonNotStarted), "the start comes before the end")
	old := time.UnixMilli(-2)
	s.experiment("before_1970", starting(old), ending(old.Add(time.Millisecond)))
	s.check("before_1970", "start before 1970", at(user, old), given("on"), "times are signed")
	s.check("before_1970", "before a start before 1970", at(user, old.Add(-time.Millisecond)), because(abi.ReasonNotStarted), "times are signed")
	s.check("before_1970", "end before 1970", at(user, old.Add(time.Millisecond)), because(abi.ReasonEnded), "times are signed")
}

// orderCases has an experiment for each step at which that step and all later ones are
// against the unit.
func (s *suite) orderCases() {
	wrong := []struct {
		reason abi.Reason
		change change
	}{
		{abi.ReasonHoldout, holdouts(holdoutEveryone)},
		{abi.ReasonNotStarted, starting(later)},
		{abi.ReasonEnded, ending(earlier)},
		{abi.ReasonPrerequisite, func(*model.Experiment) {}}, // added below
		{abi.ReasonLayer, nowhere},
		{abi.ReasonAudience, never},
		{abi.ReasonTraffic, traffic(0)},
	}
	everything := with(asUser("user-1"), "bot", true, "staff", true)
	for i, w := range wrong {
		key := "wrong_from_" + w.reason.String()
		var changes []change
		for _, next := range wrong[i:] {
			changes = append(changes, next.change)
			if next.reason == abi.ReasonPrerequisite {
				s.requires(key, "killed", "on")
			}
		}
		s.experiment(key, changes...)
		s.check(key, fmt.Sprintf("%s comes first", w.reason), asUser("user-1"), because(w.reason), "the later steps are against the unit, too")
	}
	s.experiment("wrong_in_layer", inLayer(0), never, traffic(0))
	s.check("wrong_in_layer", "audience comes first, in a layer", asUser("user-1"), because(abi.ReasonAudience), "the traffic is against the unit, too")
	first := "wrong_from_holdout"
	s.check(first, "opt_out comes first", with(asUser("gone"), "bot", true, "staff", true), because(abi.ReasonOptOut),
		"the later steps are against the unit, too")
	s.check(first, "bot comes first", everything, because(abi.ReasonBot), "the later steps are against the unit, too")
	s.check(first, "internal comes first", with(asUser("user-1"), "staff", true), because(abi.ReasonInternal),
		"the later steps are against the unit, too")
}
