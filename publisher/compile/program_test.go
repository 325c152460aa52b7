package compile

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

// storefront is a project of three experiments, two of them in one layer, and a flag.
func storefront() *config.Project {
	arms := func(weights ...config.Percent) []config.Variant {
		list := make([]config.Variant, len(weights))
		for i, w := range weights {
			key := string(rune('a' + i))
			list[i] = config.Variant{Key: key, Name: key, Weight: w, Config: "null"}
		}
		return list
	}
	return &config.Project{
		Units:      []string{"user", "device"},
		Attributes: []model.Attribute{{Name: "bot", Type: model.Bool}},
		Layers:     []config.Layer{{Key: "checkout"}, {Key: "search"}},
		Segments:   []config.Segment{{Key: "beta", Unit: 1, IDs: []string{"d1", "d2"}}},
		Holdout:    &config.Holdout{Traffic: 500},
		Exclusions: []model.Exclusion{{Kind: model.ExcludeBot, Audience: &model.Expr{Op: model.OpTrue}}},
		Experiments: []*config.Experiment{
			{Key: "banner", Salt: "banner", Layer: 0, Status: config.Running, Enrolment: config.Enrolment{Traffic: 3_000}, Holdout: true, Variants: arms(5_000, 5_000)},
			{Key: "colour", Salt: "summer", Layer: 0, Status: config.Running, Enrolment: config.Enrolment{Traffic: 2_000}, Variants: arms(2_000, 3_000, 5_000)},
			{Key: "prices", Salt: "prices", Layer: model.None, Status: config.Running, Enrolment: config.Enrolment{Traffic: 1_000}, Variants: arms(9_000, 1_000)},
		},
		Flags: []*config.Flag{{
			Key: "chat", Salt: "chat", Status: config.Running, Variants: arms(0, 0), Default: 1,
			Rules: []config.Rule{
				{Enrolment: config.Enrolment{Traffic: 10_000}, Audience: &model.Expr{Op: model.OpTrue}, Split: []config.Share{{Variant: 1, Weight: 10_000}}},
				{Enrolment: config.Enrolment{Traffic: 2_500}, Split: []config.Share{{Variant: 0, Weight: 4_000}, {Variant: 1, Weight: 6_000}}},
			},
		}},
	}
}

// testNow is when the tests publish.
var testNow = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func mustProgram(t *testing.T, p *config.Project, live *Ledger) *model.Program {
	t.Helper()
	program, err := Program(p, live, testNow)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func TestProgram(t *testing.T) {
	p := storefront()
	start := time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC)
	p.Experiments[0].Start, p.Experiments[0].End = start, start.Add(time.Hour)
	p.Experiments[0].Overrides = []config.Override{{ID: "alice", Variant: 1}, {ID: "bob", Variant: 0}}
	p.Experiments[1].Status = config.Paused

	whole := []model.Range{{From: 0, To: 10_000}}
	two := []model.Variant{{Key: "a", Name: "a", Config: "null"}, {Key: "b", Name: "b", Config: "null"}}
	three := append(slices.Clone(two), model.Variant{Key: "c", Name: "c", Config: "null"})
	overrides := []model.Override{{Hash: xxhash.Sum64String("alice"), Variant: 1}, {Hash: xxhash.Sum64String("bob"), Variant: 0}}
	if overrides[0].Hash > overrides[1].Hash {
		slices.Reverse(overrides)
	}
	devices := []uint64{xxhash.Sum64String("d1"), xxhash.Sum64String("d2")}
	slices.Sort(devices)
	want := &model.Program{
		Units:      []string{"user", "device"},
		Attributes: []model.Attribute{{Name: "bot", Type: model.Bool}},
		Segments:   []model.Segment{{Key: "beta", Unit: 1, Hashes: devices}},
		Layers:     []model.Layer{{Key: "checkout"}, {Key: "search"}},
		Holdouts:   []model.Holdout{{Key: "global", Slots: 500}},
		Exclusions: p.Exclusions,
		Experiments: []model.Experiment{
			{
				Key: "banner", Kind: model.KindExperiment, Salt: "banner", Layer: 0, Phase: 1, Holdouts: []int{0}, Default: model.None,
				Start: model.MillisOf(start), End: model.MillisOf(start) + 3_600_000, Variants: two, Overrides: overrides,
				Rules: []model.Rule{{
					Slots: []model.Range{{From: 0, To: 3_000}}, Traffic: 3_000,
					Split: []model.Share{{To: 5_000, Variant: 0}, {To: 10_000, Variant: 1}},
				}},
			},
			{
				Key: "chat", Kind: model.KindFlag, Salt: "chat", Layer: model.None, Phase: 1, Default: 1, Variants: two,
				Rules: []model.Rule{
					{Audience: &model.Expr{Op: model.OpTrue}, Slots: whole, Traffic: 10_000, Split: []model.Share{{To: 10_000, Variant: 1}}},
					{Slots: whole, Traffic: 2_500, Split: []model.Share{{To: 4_000, Variant: 0}, {To: 10_000, Variant: 1}}},
				},
			},
			{
				Key: "colour", Kind: model.KindExperiment, Salt: "summer", Layer: 0, Phase: 1, Killed: true, Default: model.None,
				Variants: three,
				Rules: []model.Rule{{
					Slots: []model.Range{{From: 3_000, To: 5_000}}, Traffic: 2_000,
					Split: []model.Share{{To: 2_000, Variant: 0}, {To: 5_000, Variant: 1}, {To: 10_000, Variant: 2}},
				}},
			},
			{
				Key: "prices", Kind: model.KindExperiment, Salt: "prices", Layer: model.None, Phase: 1, Default: model.None,
				Variants: two,
				Rules: []model.Rule{{
					Slots: whole, Traffic: 1_000, Split: []model.Share{{To: 9_000, Variant: 0}, {To: 10_000, Variant: 1}},
				}},
			},
		},
	}
	if got := mustProgram(t, p, nil); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestOptOutAndHoldouts(t *testing.T) {
	p := storefront()
	p.OptOut = []int{0}
	p.Layers[0].Holdout = &config.Holdout{Traffic: 1_000}
	p.Layers[1].Holdout = &config.Holdout{Traffic: 0}
	p.Experiments[2].Layer, p.Experiments[2].Holdout = 1, true
	program := mustProgram(t, p, nil)
	want := []model.Holdout{{Key: "global", Slots: 500}, {Key: "layer/checkout", Slots: 1_000}, {Key: "layer/search", Slots: 0}}
	if !slices.Equal(program.Holdouts, want) {
		t.Errorf("holdouts %+v, want %+v", program.Holdouts, want)
	}
	if !slices.Equal(program.OptOut, []int{0}) {
		t.Errorf("opt-out %v", program.OptOut)
	}
	for i, want := range [][]int{{0, 1}, nil, {1}, {0, 2}} { // banner, chat, colour, prices
		if e := program.Experiments[i]; !slices.Equal(e.Holdouts, want) {
			t.Errorf("%s has holdouts %v, want %v", e.Key, e.Holdouts, want)
		}
	}

	p.Holdout = nil
	for _, e := range p.Experiments {
		e.Holdout = false
	}
	program = mustProgram(t, p, nil)
	if !slices.Equal(program.Holdouts, want[1:]) {
		t.Errorf("without the global one: holdouts %+v, want %+v", program.Holdouts, want[1:])
	}
	for i, want := range [][]int{{0}, nil, {0}, {1}} {
		if e := program.Experiments[i]; !slices.Equal(e.Holdouts, want) {
			t.Errorf("without the global one: %s has holdouts %v, want %v", e.Key, e.Holdouts, want)
		}
	}
}

func TestPrerequisites(t *testing.T) {
	p := storefront()
	p.Experiments[2].Prerequisites = []config.Prerequisite{{Key: "chat", Variants: []int{0}}, {Key: "colour", Variants: []int{1, 2}}}
	p.Flags[0].Prerequisites = []config.Prerequisite{{Key: "banner", Variants: []int{1}}}
	program := mustProgram(t, p, nil)
	for i, want := range [][]model.Prerequisite{ // banner, chat, colour, prices
		nil, {{Experiment: 0, Variants: []int{1}}}, nil, {{Experiment: 1, Variants: []int{0}}, {Experiment: 2, Variants: []int{1, 2}}},
	} {
		if e := program.Experiments[i]; !reflect.DeepEqual(e.Prerequisites, want) {
			t.Errorf("%s requires %v, want %v", e.Key, e.Prerequisites, want)
		}
	}

	p.Experiments[1].Status = config.Stopped
	_, err := Program(p, nil, testNow)
	if want := "prices requires colour, which is not live"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestProgramLeavesOut(t *testing.T) {
	p := storefront()
	p.Experiments[0].Status = config.Draft
	p.Experiments[2].Status = config.Stopped
	var keys []string
	for _, e := range mustProgram(t, p, nil).Experiments {
		keys = append(keys, e.Key)
	}
	if !slices.Equal(keys, []string{"chat", "colour"}) {
		t.Errorf("the program has %v", keys)
	}
}

func TestProgramIsDeterministic(t *testing.T) {
	live := LedgerOf(mustProgram(t, storefront(), nil))
	change := func(p *config.Project) *config.Project {
		p.Experiments[0].Traffic = 5_000
		p.Experiments[1].Variants[0].Weight, p.Experiments[1].Variants[2].Weight = 4_000, 3_000
		return p
	}
	want := mustProgram(t, change(storefront()), live)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		p := change(storefront())
		rng.Shuffle(len(p.Experiments), func(i, j int) {
			p.Experiments[i], p.Experiments[j] = p.Experiments[j], p.Experiments[i]
		})
		if got := mustProgram(t, p, live); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v\nwant\n%+v", got, want)
		}
	}
}

func TestPublishAgainChangesNothing(t *testing.T) {
	first := mustProgram(t, storefront(), nil)
	if again := mustProgram(t, storefront(), LedgerOf(first)); !reflect.DeepEqual(again, first) {
		t.Errorf("got\n%+v\nwant\n%+v", again, first)
	}
}

func TestPhases(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*config.Project)
		key    string
		want   int
	}{
		{"nothing", func(*config.Project) {}, "banner", 1},
		{"traffic", func(p *config.Project) { p.Experiments[0].Traffic = 1 }, "banner", 1},
		{"status", func(p *config.Project) { p.Experiments[0].Status = config.Paused }, "banner", 1},
		{"layer", func(p *config.Project) { p.Experiments[0].Layer = 1 }, "banner", 1},
		{"audience", func(p *config.Project) { p.Experiments[0].Audience = &model.Expr{Op: model.OpTrue} }, "banner", 1},
		{"a variant of no weight", func(p *config.Project) {
			p.Experiments[0].Variants = append(p.Experiments[0].Variants, config.Variant{Key: "c"})
		}, "banner", 1},
		{"weights", func(p *config.Project) {
			p.Experiments[0].Variants[0].Weight, p.Experiments[0].Variants[1].Weight = 4_999, 5_001
		}, "banner", 2},
		{"weights of another", func(p *config.Project) {
			p.Experiments[0].Variants[0].Weight, p.Experiments[0].Variants[1].Weight = 4_999, 5_001
		}, "colour", 1},
		{"a second factor", func(p *config.Project) {
			e := p.Experiments[0]
			e.Factors = []config.Factor{{Key: "one"}, {Key: "two"}}
			e.Variants[0].Key, e.Variants[1].Key = "a-x", "b-x"
		}, "banner", 2},
		{"a ramp", func(p *config.Project) {
			p.Experiments[0].Enrolment = config.Enrolment{Ramp: []config.Step{{At: time.UnixMilli(1), Traffic: 100}}}
		}, "banner", 1},
		{"another variant", func(p *config.Project) { p.Experiments[0].Variants[1].Key = "new" }, "banner", 2},
		{"salt", func(p *config.Project) { p.Experiments[0].Salt = "again" }, "banner", 2},
		{"unit", func(p *config.Project) { p.Experiments[0].Unit = 1 }, "banner", 2},
		{"a flag's split", func(p *config.Project) {
			p.Flags[0].Rules[1].Split[0].Weight, p.Flags[0].Rules[1].Split[1].Weight = 5_000, 5_000
		}, "chat", 2},
		{"a flag's enrolment", func(p *config.Project) { p.Flags[0].Rules[1].Traffic = 10_000 }, "chat", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			live := LedgerOf(mustProgram(t, storefront(), nil))
			p := storefront()
			tt.change(p)
			for _, e := range mustProgram(t, p, live).Experiments {
				if e.Key == tt.key && e.Phase != tt.want {
					t.Errorf("phase %d, want %d", e.Phase, tt.want)
				}
			}
		})
	}
}

func TestOverAllocatedLayer(t *testing.T) {
	p := storefront()
	p.Experiments[0].Traffic = 8_001
	_, err := Program(p, nil, testNow)
	if want := `layer "checkout": its experiments ask for 10001 of 10000 slots`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestCollidingOverrides(t *testing.T) {
	p := storefront()
	twin := idWithHash(xxhash.Sum64String("alice"))
	if twin == "alice" || xxhash.Sum64String(twin) != xxhash.Sum64String("alice") {
		t.Fatalf("%q has another hash", twin)
	}
	p.Experiments[0].Overrides = []config.Override{{ID: "alice", Variant: 0}, {ID: twin, Variant: 1}}
	_, err := Program(p, nil, testNow)
	if err == nil || !strings.Contains(err.Error(), `the overrides of "alice" and`) {
		t.Errorf("got %v", err)
	}
	// Two experiments may each have one of the two.
	p.Experiments[0].Overrides, p.Experiments[1].Overrides = p.Experiments[0].Overrides[:1], p.Experiments[0].Overrides[1:]
	mustProgram(t, p, nil)
}

// idWithHash is the string of eight bytes that has the given xxhash64: for that length,
// every step of the hash can be undone.
func idWithHash(hash uint64) string {
	const (
		prime1 uint64 = 11400714785074694791
		prime2 uint64 = 14029467366897019727
		prime3 uint64 = 1609587929392839161
		prime4 uint64 = 9650029242287828579
		prime5 uint64 = 2870177450012600261
	)
	inverse := func(n uint64) uint64 {
		x := n
		for range 6 {
			x *= 2 - n*x
		}
		return x
	}
	h := hash
	h ^= h >> 32
	h *= inverse(prime3)
	h ^= h>>29 ^ h>>58
	h *= inverse(prime2)
	h ^= h >> 33
	h = bits.RotateLeft64((h-prime4)*inverse(prime1), -27)
	lane := h ^ (prime5 + 8)
	lane = bits.RotateLeft64(lane*inverse(prime1), -31) * inverse(prime2)
	return string(binary.LittleEndian.AppendUint64(nil, lane))
}
