package assign_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// TestGoldenDraws compares the draw with what ClickHouse 26.9 computes:
//
//	SELECT intHash64(bitXor(xxHash64('user-1'), xxHash64('checkout_button'))) AS h,
//	       bitShiftRight(bitShiftRight(h, 32) * 10000, 32) AS slot,
//	       bitShiftRight(bitAnd(h, 4294967295) * 10000, 32) AS variant_slot
func TestGoldenDraws(t *testing.T) {
	for _, test := range []struct {
		salt, id          string
		hash              uint64
		slot, variantSlot int
	}{
		{"checkout_button", "user-1", 0xd5be9cb16445dda1, 8349, 3916},
		{"checkout_button", "user-2", 0xfb9b8fdfc2cf24cb, 9828, 7609},
		{"checkout_button", "42", 0x9b9f8946817c15d5, 6079, 5057},
		{"layer/home", "user-1", 0x4dc00ff89a2ad0c8, 3037, 6022},
		{"holdout/global", "user-1", 0x91171153eb8ff89c, 5667, 9201},
		{"price_test", "018f3c5e-7b1a-7c3e-9d42-5f0e6a1b2c3d", 0x7c7fe4e2313cf6d2, 4863, 1923},
		{"price_test", "anna.smith@example.com", 0x9d1a89802219504a, 6136, 1331},
		{"price_test", "用户-七", 0x5d80a72363477c7b, 3652, 3878},
		{"the_longest_of_these_salts", "https://id.example.com/realms/shop/users/f81d4fae-7dec-11d0-a765-00a0c91e6bf6", 0x80e8db835e9cc83c, 5035, 3695},
		{"é", "ü", 0xb2976c443de48ec6, 6976, 2417},
		{"", "", 0x42131ede3a743632, 2581, 2283},
		{"a", "a", 0x42131ede3a743632, 2581, 2283},
	} {
		h := assign.Hash(test.salt, test.id)
		if h != test.hash || assign.Slot(h) != test.slot || assign.VariantSlot(h) != test.variantSlot {
			t.Errorf("%q, %q: hash %#016x, slot %d, variant slot %d", test.salt, test.id, h, assign.Slot(h), assign.VariantSlot(h))
		}
	}
}

// falseAlarms is the probability that TestDrawIsFair, with other ids and salts, would fail
// a draw that is perfectly random. All checks have equal parts in it (Bonferroni), and so
// do the two tails of each: a draw more even than chance is not random either. With the
// ids and salts as they are the outcome is always the same.
//
// The full test makes 16,383 checks, which leaves each tail 3.1e-8. A table of the
// variants of two experiments then passes up to a chi-square of 52.9 with 9 degrees of
// freedom, that is, a Cramér's V of 0.0042; of 10,000 slots, up to 10,784.
const falseAlarms = 0.001

// The size of the test.
const (
	fairUnits       = 1_000_000 // ids of each kind
	fairUnitsShort  = 100_000   // under -short, and for draws known to be unfair
	fairExperiments = 50
	fairLayers      = 5
	percent         = assign.Slots / 100
	fairHoldout     = 5 * percent
	fairTraffic     = 10 * percent
)

func TestDrawIsFair(t *testing.T) {
	units := fairUnits
	if testing.Short() {
		units = fairUnitsShort
	}
	var checks []check
	for _, kind := range idKinds {
		checks = append(checks, inspect(kind.name, kind.list(units), coreDraw)...)
	}
	for _, c := range alarms(checks) {
		t.Error(c)
	}
	t.Logf("%d checks; the least likely of each kind:", len(checks))
	least := map[string]check{}
	for _, c := range checks {
		if l, ok := least[c.kind]; !ok || c.tail() < l.tail() {
			least[c.kind] = c
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(least)) {
		t.Log(least[kind])
	}
}

// Draws that look fair and are not must be found out, with a tenth of the units, or else
// TestDrawIsFair says nothing.
func TestUnfairDrawsAreFound(t *testing.T) {
	each := func(hash func(salt string, id []byte) uint64) draw {
		return func(dst []uint64, salt string, ids *idList) {
			for i := range dst {
				dst[i] = hash(salt, ids.at(i))
			}
		}
	}
	for _, test := range []struct {
		name string
		draw draw
		want []string // the kinds of checks that raise an alarm
	}{
		{"the salt is left out", each(func(salt string, id []byte) uint64 {
			return xxhash.Sum64(id)
		}), []string{
			"enrolments of two experiments", "holdout and enrolment", "holdout and range of a layer",
			"variant before and after a change of salt", "variants of two experiments",
		}},
		{"the salt is mixed in after hashing", each(func(salt string, id []byte) uint64 {
			return xxhash.Sum64(id) ^ xxhash.Sum64String(salt)
		}), []string{
			"enrolments of two experiments", "holdout and enrolment", "holdout and range of a layer",
			"variant before and after a change of salt", "variants of two experiments",
		}},
		{"both halves are the same", each(func(salt string, id []byte) uint64 {
			return xxhash.Sum64(append([]byte(salt), id...)) & 0xffffffff * (1<<32 + 1)
		}), []string{"slot and variant slot"}},
		{"FNV-1a, whose high bits hardly depend on the last bytes", each(func(salt string, id []byte) uint64 {
			h := fnv.New64a()
			h.Write(append(append([]byte(salt), 0), id...))
			return h.Sum64()
		}), []string{
			"enrolment and another's variant", "enrolments of two experiments", "holdout and enrolment", "holdout and range of a layer",
			"holdout and variant", "range of a layer and variant", "slot and variant slot", "slots", "slots of a holdout", "slots of a layer",
			"variant before and after a change of salt", "variant slots", "variants of two experiments",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			kind := idKinds[0]
			found := map[string]bool{}
			for _, c := range alarms(inspect(kind.name, kind.list(fairUnitsShort), test.draw)) {
				found[c.kind] = true
			}
			if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, test.want) {
				t.Errorf("alarms from %q, want %q", got, test.want)
			}
		})
	}
}

// draw fills dst with the hashes of the ids with a salt.
type draw func(dst []uint64, salt string, ids *idList)

func coreDraw(dst []uint64, salt string, ids *idList) {
	s := assign.SaltHash(salt)
	for i := range dst {
		dst[i] = assign.Draw(ids.hashes[i], s)
	}
}

// idList is a list of ids.
type idList struct {
	text   []byte
	ends   []int32
	hashes []uint64
}

func (l *idList) at(i int) []byte {
	from := int32(0)
	if i > 0 {
		from = l.ends[i-1]
	}
	return l.text[from:l.ends[i]]
}

// idKind makes ids that differ in few places, as those of real systems do.
type idKind struct {
	name   string
	append func(to []byte, i int, rng *rand.Rand) []byte
}

func (k idKind) list(n int) *idList {
	l := &idList{}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		l.text = k.append(l.text, i, rng)
		l.ends = append(l.ends, int32(len(l.text)))
		l.hashes = append(l.hashes, assign.IDHash(string(l.at(i))))
	}
	return l
}

var (
	firstNames = []string{"anna", "ben", "chen", "david", "elif", "fatima", "george", "hana", "ivan", "julia"}
	lastNames  = []string{"garcia", "ivanov", "kim", "mueller", "nguyen", "rossi", "sato", "silva", "smith", "yilmaz"}
	domains    = []string{"example.com", "example.net", "example.org"}
)

var idKinds = []idKind{
	{"sequential", func(to []byte, i int, _ *rand.Rand) []byte {
		return strconv.AppendInt(to, int64(i), 10)
	}},
	{"UUID", func(to []byte, i int, rng *rand.Rand) []byte {
		// Version 7: milliseconds, of which four ids share each, and random bits.
		var b [16]byte
		ms := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() + int64(i/4)
		binary.BigEndian.PutUint64(b[:], uint64(ms)<<16|7<<12|uint64(i%4)<<10|uint64(rng.IntN(1<<10)))
		binary.BigEndian.PutUint64(b[8:], 1<<63|rng.Uint64()>>2)
		for j, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
			if j > 0 {
				to = append(to, '-')
			}
			to = hex.AppendEncode(to, part)
		}
		return to
	}},
	{"padded", func(to []byte, i int, _ *rand.Rand) []byte {
		return fmt.Appendf(to, "%012d", i)
	}},
	{"numeric", func(to []byte, _ int, rng *rand.Rand) []byte {
		return strconv.AppendUint(to, 1_000_000_000+rng.Uint64N(9_000_000_000), 10)
	}},
	{"random", func(to []byte, _ int, rng *rand.Rand) []byte {
		return fmt.Appendf(to, "%016x%016x", rng.Uint64(), rng.Uint64())
	}},
	{"e-mail", func(to []byte, i int, _ *rand.Rand) []byte {
		to = append(append(append(to, firstNames[i%10]...), '.'), lastNames[i/10%10]...)
		to = strconv.AppendInt(to, int64(i/100), 10)
		return append(append(to, '@'), domains[i%len(domains)]...)
	}},
}

func experimentSalt(e int) string { return fmt.Sprintf("experiment_%d", e) }
func restartedSalt(e int) string  { return fmt.Sprintf("experiment_%d_again", e) }
func layerSalt(l int) string      { return fmt.Sprintf("layer/page_%d", l) }

const holdoutSalt = "holdout/global"

// inspect makes every check of a draw on the ids.
func inspect(name string, ids *idList, draw draw) []check {
	units := len(ids.ends)
	variants := make([]division, fairExperiments)   // four equal ones
	enrolments := make([]division, fairExperiments) // in the traffic or not
	found := make([][]check, fairExperiments)
	parallel(fairExperiments, func(e int) {
		hashes := make([]uint64, units)
		draw(hashes, experimentSalt(e), ids)
		found[e] = inspectExperiment(hashes, fmt.Sprintf("%s ids, experiment %d", name, e))
		variants[e] = divide(hashes, assign.VariantSlot, quarters)
		enrolments[e] = divide(hashes, assign.Slot, firstSlots(fairTraffic))

		draw(hashes, restartedSalt(e), ids)
		again := divide(hashes, assign.VariantSlot, quarters)
		found[e] = append(found[e], independent("variant before and after a change of salt",
			fmt.Sprintf("%s ids, experiment %d", name, e), variants[e].cross(again)))
	})
	checks := slices.Concat(found...)

	hashes := make([]uint64, units)
	draw(hashes, holdoutSalt, ids)
	checks = append(checks, uniform("slots of a holdout", name+" ids", count(hashes, assign.Slot)))
	holdout := divide(hashes, assign.Slot, firstSlots(fairHoldout))
	layers := make([]division, fairLayers)
	for l := range layers {
		where := fmt.Sprintf("%s ids, layer %d", name, l)
		draw(hashes, layerSalt(l), ids)
		layers[l] = divide(hashes, assign.Slot, tenths)
		checks = append(checks,
			uniform("slots of a layer", where, count(hashes, assign.Slot)),
			independent("holdout and range of a layer", where, holdout.cross(layers[l])))
	}

	parallel(fairExperiments, func(e int) {
		where := fmt.Sprintf("%s ids, experiment %d", name, e)
		found[e] = []check{
			independent("holdout and variant", where, holdout.cross(variants[e])),
			independent("holdout and enrolment", where, holdout.cross(enrolments[e])),
		}
		for l := range layers {
			found[e] = append(found[e], independent("range of a layer and variant",
				fmt.Sprintf("%s, layer %d", where, l), layers[l].cross(variants[e])))
		}
		for f := range e {
			where := fmt.Sprintf("%s ids, experiments %d and %d", name, e, f)
			found[e] = append(found[e],
				independent("variants of two experiments", where, variants[e].cross(variants[f])),
				independent("enrolments of two experiments", where, enrolments[e].cross(enrolments[f])),
				independent("enrolment and another's variant", where, enrolments[e].cross(variants[f])),
				independent("enrolment and another's variant", where, enrolments[f].cross(variants[e])))
		}
	})
	return append(checks, slices.Concat(found...)...)
}

// inspectExperiment checks what one experiment draws: the slots, the variant slots, and
// that they have nothing to do with each other.
func inspectExperiment(hashes []uint64, where string) []check {
	table := make([][]int, assign.Slots/percent)
	for i := range table {
		table[i] = make([]int, assign.Slots/percent)
	}
	for _, h := range hashes {
		table[assign.Slot(h)/percent][assign.VariantSlot(h)/percent]++
	}
	return []check{
		uniform("slots", where, count(hashes, assign.Slot)),
		uniform("variant slots", where, count(hashes, assign.VariantSlot)),
		independent("slot and variant slot", where, table),
	}
}

func parallel(n int, f func(i int)) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error { f(i); return nil })
	}
	group.Wait()
}

func count(hashes []uint64, slot func(uint64) int) []int {
	counts := make([]int, assign.Slots)
	for _, h := range hashes {
		counts[slot(h)]++
	}
	return counts
}
