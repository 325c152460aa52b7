package reload

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

// TestAnythingGoes has publishes, failures, attacks, restarts and corrupt disks in random order.
// The host serves only complete revisions that were published, never goes back unless its state was
// destroyed, and reaches the newest revision after the failures end.
func TestAnythingGoes(t *testing.T) {
	const runs, steps, revisions = 20, 60, 30
	sealed := make([]*bundle.Sealed, revisions+1)
	for n := uint64(1); n <= revisions; n++ {
		var err error
		if sealed[n], err = bundle.SealAfter(manifest(n), payloadOf(n), [][]byte{payloadOf(n - 1)}, publisherKey); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range uint64(runs) {
		random := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(t)
		newest, reached := uint64(1), uint64(0)
		publish := func(n uint64) {
			w.upload(sealed[n])
			w.put(bundle.LatestName, sealed[n].Envelope)
		}
		publish(1)
		for step := range steps {
			what := ""
			switch random.IntN(12) {
			case 0, 1:
				if what = "publish"; newest < revisions {
					newest++
					publish(newest)
				}
			case 2:
				if what = "publish without a hint"; newest < revisions {
					newest++
					w.upload(sealed[newest])
				}
			case 3:
				what = "an old hint"
				w.put(bundle.LatestName, sealed[1+random.Uint64N(newest)].Envelope)
			case 4:
				what = "a broken hint"
				w.put(bundle.LatestName, flip(sealed[newest].Envelope))
			case 5:
				what = "a broken manifest"
				n := 1 + random.Uint64N(newest)
				w.put(bundle.ManifestName(1, n), flip(sealed[n].Envelope))
			case 6:
				what = "broken payloads"
				for _, o := range sealed[1+random.Uint64N(newest)].Objects {
					w.put(o.Name, flip(o.Data))
				}
			case 7:
				what = "the source goes away or comes back"
				if w.broken == nil {
					w.broken = func(string) error {
						if random.IntN(2) == 0 {
							return errDown
						}
						return nil
					}
				} else {
					w.broken = nil
				}
			case 8:
				what = "a restart"
				w.restart()
			case 9:
				what = "a rotten disk and a restart"
				files := w.files()
				names := slices.Sorted(maps.Keys(files))
				if len(names) > 0 {
					name := names[random.IntN(len(names))]
					files[name] = flip(files[name])
					w.lay(files)
					if !strings.HasPrefix(name, payloadPrefix) {
						reached = 0 // what it knew of revisions is lost
					}
				}
				w.restart()
			default:
				what = "a poll"
				w.look()
			}
			if w.active == nil {
				continue
			}
			n := w.active.Manifest.Revision
			if w.serves(n); n < reached || n > newest {
				t.Fatalf("seed %d, step %d, after %s: revision %d is active; it was at %d before, and %d is the newest",
					seed, step, what, n, reached, newest)
			}
			reached = n
		}
		w.broken = nil
		for n := uint64(1); n <= newest; n++ {
			publish(n)
		}
		w.lookOften()
		w.serves(newest)
	}
}
