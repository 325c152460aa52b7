package compile

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

// TestRollbacks publishes random states of a project and takes some of them back. Whatever
// was live in between: a phase stands for one split, and a slot goes to another
// experiment only after it has rested.
func TestRollbacks(t *testing.T) {
	const rest = 14 * 24 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		type owned struct {
			key string
			end int64 // of the last time that it was live, in milliseconds
		}
		var published, withdrawn []*model.Program
		splits := map[string]map[int][]VariantShare{}
		var owners [model.Slots]owned
		now := firstStep
		for range rapid.IntRange(3, 7).Draw(t, "revisions") {
			now = now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "days that pass"))
			if n := len(published); n > 0 {
				for _, e := range published[n-1].Experiments {
					if e.Layer == model.None {
						continue
					}
					for slot := range eachSlot(e.Rules[0].Slots) {
						owners[slot] = owned{e.Key, now.UnixMilli()}
					}
				}
			}
			if n := len(published); n > 1 && rapid.Bool().Draw(t, "rollback") {
				withdrawn = append(withdrawn, published[n-1])
				published = append(published, published[rapid.IntRange(0, n-2).Draw(t, "to")])
				continue
			}
			ledger := &Ledger{}
			if n := len(published); n > 0 {
				ledger = LedgerOf(published[n-1])
				before := LedgerOf(published[n-1])
				slices.Reverse(withdrawn)
				ledger.AddWithdrawn(withdrawn...)
				if !reflect.DeepEqual(before, LedgerOf(published[n-1])) {
					t.Fatal("the program that is live was changed")
				}
			}
			p := drawProject(t)
			p.Rest = config.Period(rest)
			program, err := Program(p, ledger, now)
			if err != nil {
				if !strings.Contains(err.Error(), " rest until ") {
					t.Fatal(err)
				}
				continue
			}
			for key, a := range LedgerOf(program).Allocations {
				if splits[key] == nil {
					splits[key] = map[int][]VariantShare{}
				}
				was, used := splits[key][a.Phase]
				if used && !reflect.DeepEqual(was, a.Rules[0].Split) {
					t.Fatalf("phase %d of %s has been used for %v, and now for %v", a.Phase, key, was, a.Rules[0].Split)
				}
				splits[key][a.Phase] = a.Rules[0].Split
				if a.Layer == "" {
					continue
				}
				for slot := range eachSlot(a.Rules[0].Slots) {
					if o := owners[slot]; o.key != "" && o.key != key && o.end+rest.Milliseconds() > now.UnixMilli() {
						t.Fatalf("slot %d was %s's until %v, and is %s's at %v", slot, o.key, time.UnixMilli(o.end).UTC(), key, now)
					}
				}
			}
			published, withdrawn = append(published, program), nil
		}
	})
}
