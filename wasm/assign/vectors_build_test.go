package assign_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/assign/vectortest"
	"github.com/sortition-dev/sortition/wasm/request"
)

// noon is the time of the requests that do not say otherwise.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// suites are the programs of the vectors, with their cases.
func suites() []*suite {
	return []*suite{
		stepVectors(), flagVectors(), drawVectors(), rampVectors(), prerequisiteVectors(),
		stringVectors(), patternVectors(), numberVectors(), versionVectors(), timeVectors(),
		listVectors(), logicVectors(), encodingVectors(),
	}
}

// suite is a program under construction and its cases.
type suite struct {
	name, why     string
	program       *model.Program
	cases         []vectorCase
	prerequisites map[string][]requirement // by experiment
}

type vectorCase struct {
	name, why  string
	request    explain.Request
	raw        []byte // instead of request: its encoding
	experiment string
	want       outcome
}

// outcome is what a case expects.
type outcome struct {
	variant string // empty for none
	reason  abi.Reason
	rule    int // model.None unless the reason is split
	status  assign.Status
}

type requirement struct {
	experiment string
	variants   []string
}

func newSuite(name, why string) *suite {
	return &suite{
		name: name, why: why, prerequisites: map[string][]requirement{},
		program: &model.Program{Units: []string{"user", "device"}},
	}
}

// Outcomes.

func given(variant string) outcome {
	return outcome{variant: variant, reason: abi.ReasonSplit}
}

func byRule(rule int, variant string) outcome {
	return outcome{variant: variant, reason: abi.ReasonSplit, rule: rule}
}

func because(reason abi.Reason) outcome { return outcome{reason: reason, rule: model.None} }

func defaults(variant string, reason abi.Reason) outcome {
	return outcome{variant: variant, reason: reason, rule: model.None}
}

func refused(status assign.Status) outcome { return outcome{rule: model.None, status: status} }

// Requests.

func asUser(id string) explain.Request {
	return explain.Request{Units: map[string]string{"user": id}, Attributes: map[string]any{}, Now: noon}
}

func asDevice(id string) explain.Request {
	return explain.Request{Units: map[string]string{"device": id}, Attributes: map[string]any{}, Now: noon}
}

func with(r explain.Request, attributes ...any) explain.Request {
	r.Attributes = maps.Clone(r.Attributes)
	for i := 0; i < len(attributes); i += 2 {
		if attributes[i+1] != nil {
			r.Attributes[attributes[i].(string)] = attributes[i+1]
		}
	}
	return r
}

func at(r explain.Request, now time.Time) explain.Request {
	r.Now = now
	return r
}

// check adds a case.
func (s *suite) check(experiment, name string, r explain.Request, want outcome, why string) {
	s.cases = append(s.cases, vectorCase{name: name, why: why, request: r, experiment: experiment, want: want})
}

// Experiments. Each is for users, owns all slots of its own draw, and gives "on" to
// everybody, unless changed.

type change func(*model.Experiment)

func (s *suite) experiment(key string, changes ...change) {
	e := model.Experiment{
		Key: key, Salt: key, Kind: model.KindExperiment, Phase: 1, Layer: model.None, Default: model.None,
		Variants: variants("on"), Rules: []model.Rule{fullRule(0)},
	}
	for _, c := range changes {
		c(&e)
	}
	s.program.Experiments = append(s.program.Experiments, e)
}

// flag is an experiment of kind flag with "off" for a default and "on" by its one rule.
func (s *suite) flag(key string, changes ...change) {
	isFlag := func(e *model.Experiment) {
		e.Kind, e.Default = model.KindFlag, 0
		e.Variants, e.Rules = variants("off", "on"), []model.Rule{fullRule(1)}
	}
	s.experiment(key, append([]change{isFlag}, changes...)...)
}

func variants(keys ...string) []model.Variant {
	list := make([]model.Variant, len(keys))
	for i, key := range keys {
		list[i] = model.Variant{Key: key, Name: key, Config: "null"}
	}
	return list
}

func fullRule(variant int) model.Rule {
	return model.Rule{
		Slots: []model.Range{{From: 0, To: model.Slots}}, Traffic: model.Slots,
		Split: []model.Share{{To: model.Slots, Variant: variant}},
	}
}

func killed(e *model.Experiment) { e.Killed = true }

func forDevices(e *model.Experiment) { e.Unit = 1 }

func salt(text string) change { return func(e *model.Experiment) { e.Salt = text } }

func starting(t time.Time) change { return func(e *model.Experiment) { e.Start = model.MillisOf(t) } }

func ending(t time.Time) change { return func(e *model.Experiment) { e.End = model.MillisOf(t) } }

func holdouts(indexes ...int) change { return func(e *model.Experiment) { e.Holdouts = indexes } }

func audience(e *model.Expr) change {
	return func(x *model.Experiment) { x.Rules[0].Audience = e }
}

func traffic(n int) change { return func(e *model.Experiment) { e.Rules[0].Traffic = n } }

func ramp(before int, steps ...model.Step) change {
	return func(e *model.Experiment) { e.Rules[0].Traffic, e.Rules[0].Ramp = before, steps }
}

// slots gives the rule pairs of ends of ranges.
func slots(ends ...int) change {
	return func(e *model.Experiment) {
		e.Rules[0].Slots = nil
		for pair := range slices.Chunk(ends, 2) {
			e.Rules[0].Slots = append(e.Rules[0].Slots, model.Range{From: pair[0], To: pair[1]})
		}
	}
}

func inLayer(layer int) change { return func(e *model.Experiment) { e.Layer = layer } }

// split replaces the variants by a, b, c … with shares that end at the given slots.
func split(ends ...int) change {
	return func(e *model.Experiment) {
		e.Variants, e.Rules[0].Split = nil, nil
		for i, to := range ends {
			e.Variants = append(e.Variants, variants(string(rune('a'+i)))...)
			e.Rules[0].Split = append(e.Rules[0].Split, model.Share{To: to, Variant: i})
		}
	}
}

// override puts a unit on the override list. Lists are sorted when the suite is done.
func override(id string, variant int) change {
	return func(e *model.Experiment) {
		e.Overrides = append(e.Overrides, model.Override{Hash: xxhash.Sum64String(id), Variant: variant})
	}
}

// requires adds a prerequisite; the experiment may be added later.
func (s *suite) requires(key, other string, variants ...string) {
	s.prerequisites[key] = append(s.prerequisites[key], requirement{other, variants})
}

// done sorts the program and resolves its prerequisites.
func (s *suite) done() *suite {
	experiments := s.program.Experiments
	slices.SortFunc(experiments, func(a, b model.Experiment) int { return cmp.Compare(a.Key, b.Key) })
	for i := range experiments {
		e := &experiments[i]
		slices.SortFunc(e.Overrides, func(a, b model.Override) int { return cmp.Compare(a.Hash, b.Hash) })
		for _, r := range s.prerequisites[e.Key] {
			q := model.Prerequisite{Experiment: s.index(r.experiment)}
			for _, key := range r.variants {
				q.Variants = append(q.Variants, variantIndex(&experiments[q.Experiment], key))
			}
			e.Prerequisites = append(e.Prerequisites, q)
		}
	}
	return s
}

func (s *suite) index(key string) int {
	i := slices.IndexFunc(s.program.Experiments, func(e model.Experiment) bool { return e.Key == key })
	if i < 0 {
		panic(fmt.Sprintf("%s: no experiment %q", s.name, key))
	}
	return i
}

func variantIndex(e *model.Experiment, key string) int {
	i := slices.IndexFunc(e.Variants, func(v model.Variant) bool { return v.Key == key })
	if i < 0 {
		panic(fmt.Sprintf("%s: no variant %q", e.Key, key))
	}
	return i
}

// outcome is a decision in the words of a case.
func (s *suite) outcome(experiment string, d explain.Decision) outcome {
	o := outcome{reason: d.Reason, rule: d.Rule}
	if d.Variant != model.None {
		o.variant = s.program.Experiments[s.index(experiment)].Variants[d.Variant].Key
	}
	return o
}

// segment adds a segment of the given unit type with the given ids.
func (s *suite) segment(key string, unit int, ids ...string) int {
	segment := model.Segment{Key: key, Unit: unit}
	for _, id := range ids {
		segment.Hashes = append(segment.Hashes, xxhash.Sum64String(id))
	}
	slices.Sort(segment.Hashes)
	s.program.Segments = append(s.program.Segments, segment)
	return len(s.program.Segments) - 1
}

// slotOf and variantSlotOf are the halves of a draw.
func slotOf(salt, id string) int { return assign.Slot(assign.Hash(salt, id)) }

func variantSlotOf(salt, id string) int { return assign.VariantSlot(assign.Hash(salt, id)) }

// find is the first of the ids u-0, u-1 … that satisfies all conditions.
func find(conditions ...func(id string) bool) string {
	for i := 0; ; i++ {
		id := "u-" + strconv.Itoa(i)
		if !slices.ContainsFunc(conditions, func(holds func(string) bool) bool { return !holds(id) }) {
			return id
		}
	}
}

func hasSlot(salt string, slot int) func(string) bool {
	return func(id string) bool { return slotOf(salt, id) == slot }
}

func hasVariantSlot(salt string, slot int) func(string) bool {
	return func(id string) bool { return variantSlotOf(salt, id) == slot }
}

// vector writes the case for the file.
func (c *vectorCase) vector(names *request.Names) (vectortest.Case, error) {
	v := vectortest.Case{
		Name: c.name, Why: c.why, Encoded: c.raw, Experiment: c.experiment,
		Expect: vectortest.Expect{Status: int(c.want.status)},
	}
	if c.want.status == assign.OK {
		v.Expect.Reason = c.want.reason.String()
	}
	if c.want.variant != "" {
		v.Expect.Variant = &c.want.variant
	}
	if c.want.rule != model.None {
		v.Expect.Rule = &c.want.rule
	}
	if c.raw != nil {
		return v, nil
	}
	var err error
	if v.Request, err = jsonOfRequest(c.request); err != nil {
		return v, err
	}
	v.Encoded, err = encodeSorted(c.request, names)
	return v, err
}

// encodeSorted encodes a request with its units and attributes in the order of their
// names, always to the same bytes.
func encodeSorted(r explain.Request, names *request.Names) ([]byte, error) {
	b := request.New().Now(r.Now)
	for _, unit := range slices.Sorted(maps.Keys(r.Units)) {
		b.Unit(unit, r.Units[unit])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Attributes)) {
		b.Value(name, r.Attributes[name])
	}
	return b.Encode(names)
}
