package assign_test

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// Salts, and the ids that they share.
const (
	manySalts     = 1_000
	unitsOfSalts  = 1 << 17
	fewerSalts    = 200 // under -short
	pairsOfTables = 2   // variants, enrolments
)

// TestSaltsAreIndependent compares every pair of a thousand experiments, with the salts that they
// have by default: their keys. It crosses the halves of their variant slots, and those of their
// slots. If draws are independent, the z-score of each table has mean 0 and deviation 1.
func TestSaltsAreIndependent(t *testing.T) {
	salts := manySalts
	if testing.Short() {
		salts = fewerSalts
	}
	ids := idKinds[0].list(unitsOfSalts)
	halves := equalParts(2)
	variants, enrolments := make([]division, salts), make([]division, salts)
	parallel(salts, func(i int) {
		hashes := make([]uint64, unitsOfSalts)
		coreDraw(hashes, experimentSalt(i), ids)
		variants[i], enrolments[i] = divide(hashes, assign.VariantSlot, halves), divide(hashes, assign.Slot, halves)
	})
	scores := make([][]float64, salts)
	parallel(salts, func(i int) {
		for j := range i {
			scores[i] = append(scores[i], zScore(variants[i][1], variants[j][1]), zScore(enrolments[i][1], enrolments[j][1]))
		}
	})
	n, sum, squares, worst := 0.0, 0.0, 0.0, 0.0
	for _, row := range scores {
		for _, z := range row {
			n, sum, squares, worst = n+1, sum+z, squares+z*z, max(worst, math.Abs(z))
		}
	}
	mean, deviation := sum/n, math.Sqrt(squares/n)
	t.Logf("%.0f tables: z has mean %.4f, deviation %.4f, worst %.2f", n, mean, deviation, worst)
	if want := pairsOfTables * salts * (salts - 1) / 2; int(n) != want {
		t.Fatalf("%.0f tables, want %d", n, want)
	}
	// Of independent draws, one run in a thousand exceeds one of these.
	if limit := 3.5; math.Abs(mean) > limit/math.Sqrt(n) || math.Abs(deviation-1) > limit/math.Sqrt(2*n) {
		t.Errorf("z has mean %.5f and deviation %.5f", mean, deviation)
	}
	if limit := math.Sqrt2 * math.Erfinv(1-falseAlarms/n); worst > limit {
		t.Errorf("the worst z is %.2f, want at most %.2f", worst, limit)
	}
}

// zScore is the score of the number of units in both sets, given the sizes of the sets.
func zScore(a, b []uint64) float64 {
	n, inA, inB, both := float64(64*len(a)), 0, 0, 0
	for i := range a {
		inA += bits.OnesCount64(a[i])
		inB += bits.OnesCount64(b[i])
		both += bits.OnesCount64(a[i] & b[i])
	}
	p, q := float64(inA)/n, float64(inB)/n
	return (float64(both) - n*p*q) / math.Sqrt(n*p*(1-p)*q*(1-q))
}

// TestChosenSaltsAreFound shows why salts are hashed. Salts that differ in two bits 33 apart, the
// upper one from bit 49 on, give draws that depend on each other.
func TestChosenSaltsAreFound(t *testing.T) {
	ids := idKinds[0].list(unitsOfSalts)
	score := func(difference uint64) float64 {
		halves, salt := equalParts(2), assign.SaltHash("experiment")
		hashes := make([]uint64, unitsOfSalts)
		var sets [2][]uint64
		for i, s := range []uint64{salt, salt ^ difference} {
			for u, id := range ids.hashes {
				hashes[u] = assign.Draw(id, s)
			}
			sets[i] = divide(hashes, assign.VariantSlot, halves)[1]
		}
		return math.Abs(zScore(sets[0], sets[1]))
	}
	worst := 0.0
	for upper := 49; upper < 64; upper++ {
		worst = max(worst, score(1<<upper|1<<(upper-33)))
	}
	if worst < 20 {
		t.Errorf("the worst z of chosen salts is %.1f; then salts need not be hashed", worst)
	}
	if z := score(assign.SaltHash("experiment") ^ assign.SaltHash("experiment2")); z > 5 {
		t.Errorf("the z of hashed salts is %.1f", z)
	}
}

// maxBias is the largest distance of the share of flips from one half that is accepted. With 2¹⁶
// samples, the standard error of a share is 0.002.
const maxBias = 0.01

// TestAvalanche requires that every bit of the hash flips for half of all units if any bit of the
// id's hash, or of the salt's, flips.
func TestAvalanche(t *testing.T) {
	const samples = 1 << 16
	rng := rand.New(rand.NewPCG(7, 8))
	flips := new([64][64]int)
	for range samples {
		id, salt := rng.Uint64(), rng.Uint64()
		h := assign.Draw(id, salt)
		for bit := range flips {
			for changed := h ^ assign.Draw(id^1<<bit, salt); changed != 0; changed &= changed - 1 {
				flips[bit][bits.TrailingZeros64(changed)]++
			}
		}
	}
	worst := 0.0
	for bit := range flips {
		for out, n := range flips[bit] {
			bias := math.Abs(float64(n)/samples - 0.5)
			worst = max(worst, bias)
			if bias > maxBias {
				t.Errorf("bit %d of the hash flips in %d of %d cases if bit %d of the id's hash does", out, n, samples, bit)
			}
		}
	}
	t.Logf("worst bias %.4f", worst)
}

// TestSlotsOfManyUnits counts the units of each slot, for more units than any service has.
func TestSlotsOfManyUnits(t *testing.T) {
	units := 100_000_000
	if testing.Short() {
		units /= 100
	}
	const parts = 64
	salt := assign.SaltHash("checkout_button")
	var slots, variantSlots [parts][assign.Slots]int
	parallel(parts, func(part int) {
		var id [24]byte
		n := copy(id[:], "user-")
		for i := part; i < units; i += parts {
			h := assign.Draw(assign.IDHash(string(strconv.AppendInt(id[:n], int64(i), 10))), salt)
			slots[part][assign.Slot(h)]++
			variantSlots[part][assign.VariantSlot(h)]++
		}
	})
	total := func(counts *[parts][assign.Slots]int) []int {
		sum := make([]int, assign.Slots)
		for part := range counts {
			for slot, n := range counts[part] {
				sum[slot] += n
			}
		}
		return sum
	}
	checks := []check{
		uniform("slots", "many units", total(&slots)),
		uniform("variant slots", "many units", total(&variantSlots)),
	}
	for _, c := range alarms(checks) {
		t.Error(c)
	}
	for _, c := range checks {
		t.Log(c)
	}
}
