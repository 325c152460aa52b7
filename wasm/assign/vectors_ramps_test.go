package assign_test

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func rampVectors() *suite {
	s := newSuite("ramps", "Traffic that changes with time.")
	user := func(key string, slot int) string { return find(hasSlot(key, slot)) }
	hour := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	step := func(t time.Time, traffic int) model.Step { return model.Step{At: model.MillisOf(t), Traffic: traffic} }
	const justBefore = -time.Millisecond

	s.experiment("growing", ramp(0, step(hour(0), 2_500), step(hour(1), 2_501), step(hour(2), 10_000)))
	id, first := user("growing", 2_500), user("growing", 0)
	s.check("growing", "before the first step", at(asUser(first), hour(0).Add(justBefore)), because(abi.ReasonTraffic), "one millisecond too early, even for position 0")
	s.check("growing", "at the first step", at(asUser(first), hour(0)), given("on"), "a step counts from its time on")
	s.check("growing", "not reached by the first step", at(asUser(id), hour(0)), because(abi.ReasonTraffic), "position 2,500 is not below 2,500")
	s.check("growing", "before the second step", at(asUser(id), hour(1).Add(justBefore)), because(abi.ReasonTraffic), "one millisecond too early")
	s.check("growing", "at the second step", at(asUser(id), hour(1)), given("on"), "position 2,500 is below 2,501")
	s.check("growing", "between steps", at(asUser(first), hour(1).Add(time.Minute)), given("on"), "a step counts until the next")
	s.check("growing", "not reached by the second step", at(asUser(user("growing", 2_501)), hour(2).Add(justBefore)), because(abi.ReasonTraffic), "steps are not interpolated")
	s.check("growing", "long after the last step", at(asUser(user("growing", 9_999)), noon.AddDate(100, 0, 0)), given("on"), "the last step counts for ever")

	s.experiment("from_half", ramp(5_000, step(hour(0), 100)))
	id = user("from_half", 4_999)
	s.check("from_half", "traffic before the ramp", at(asUser(id), hour(0).Add(justBefore)), given("on"), "before the first step the rule's own traffic counts")
	s.check("from_half", "step down", at(asUser(id), hour(0)), because(abi.ReasonTraffic), "after it the rule's own traffic does not count")
	s.check("from_half", "not enrolled before the ramp", at(asUser(user("from_half", 5_000)), hour(0).Add(justBefore)), because(abi.ReasonTraffic), "before the first step the rule's own traffic counts")

	s.experiment("up_and_down", ramp(0, step(hour(0), 10_000), step(hour(1), 0), step(hour(2), 10_000)))
	id = user("up_and_down", 5_000)
	s.check("up_and_down", "up", at(asUser(id), hour(0)), given("on"), "the last step that has been reached counts")
	s.check("up_and_down", "down", at(asUser(id), hour(1)), because(abi.ReasonTraffic), "the last step that has been reached counts, not the largest")
	s.check("up_and_down", "up again", at(asUser(id), hour(2)), given("on"), "the last step that has been reached counts")

	epoch := time.UnixMilli(0)
	s.experiment("around_1970", ramp(0, step(epoch.Add(-2*time.Millisecond), 0), step(epoch.Add(-time.Millisecond), 5_000), step(epoch, 5_001), step(epoch.Add(time.Millisecond), 5_002)))
	for i, traffic := range []int{0, 5_000, 5_001, 5_002} {
		now := epoch.Add(time.Duration(i-2) * time.Millisecond)
		if traffic > 0 {
			s.check("around_1970", fmt.Sprintf("reached %d ms from 1970", i-2), at(asUser(user("around_1970", traffic-1)), now), given("on"), "times are signed, and 0 is a time like others")
		}
		s.check("around_1970", fmt.Sprintf("not reached %d ms from 1970", i-2), at(asUser(user("around_1970", traffic)), now), because(abi.ReasonTraffic), "times are signed, and 0 is a time like others")
	}

	var long []model.Step
	for i := range model.MaxRampSteps {
		long = append(long, step(hour(i), 100*(i+1)))
	}
	s.experiment("long", ramp(0, long...))
	s.check("long", "64th step", at(asUser(user("long", 6_399)), hour(63)), given("on"), "a ramp has up to 64 steps")
	s.check("long", "63rd step", at(asUser(user("long", 6_399)), hour(63).Add(justBefore)), because(abi.ReasonTraffic), "a ramp has up to 64 steps")

	s.program.Layers = []model.Layer{{Key: "page"}}
	s.experiment("fragments", inLayer(0), slots(8_000, 10_000, 3_000, 6_000), ramp(0, step(hour(0), 2_000), step(hour(1), 2_001)))
	id = find(hasSlot("layer/page", 3_000))
	s.check("fragments", "position not reached", at(asUser(id), hour(0)), because(abi.ReasonTraffic), "a ramp counts positions, not slots")
	s.check("fragments", "position reached", at(asUser(id), hour(1)), given("on"), "a ramp counts positions, not slots")

	s.flag("flag", func(e *model.Experiment) {
		e.Rules = append(e.Rules, fullRule(1), fullRule(0))
		e.Rules[0].Traffic, e.Rules[0].Ramp = 0, []model.Step{step(hour(1), 10_000)}
		e.Rules[1].Traffic, e.Rules[1].Ramp = 0, []model.Step{step(hour(0), 10_000)}
	})
	s.check("flag", "ramp of no rule", at(asUser("user-1"), hour(-1)), byRule(2, "off"), "each rule has a ramp of its own")
	s.check("flag", "ramp of the second rule", at(asUser("user-1"), hour(0)), byRule(1, "on"), "each rule has a ramp of its own")
	s.check("flag", "ramp of the first rule", at(asUser("user-1"), hour(1)), byRule(0, "on"), "each rule has a ramp of its own")
	return s.done()
}
