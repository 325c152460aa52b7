package plan

import (
	"slices"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

func TestKept(t *testing.T) {
	const hour = model.Millis(time.Hour / time.Millisecond)
	at := model.MillisOf(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	next := &model.Program{Ledger: model.Ledger{
		Kills: []model.Kill{{Key: "button", At: at}},
		Clocks: []model.Clock{
			{Key: "ahead", At: at, Shows: at + 9_000*24*hour + 1},
			{Key: "late", At: at, Shows: at - 73*hour},
			{Key: "paused", At: at, Shows: at, Stopped: true},
		},
	}}
	live := &model.Program{Ledger: model.Ledger{Clocks: []model.Clock{{Key: "gone"}, {Key: "late"}}}}
	want := []string{
		"in force: button is killed since 2026-03-01T09:00:00Z; to undo: publisher kill button --undo",
		"in force: the ramp of ahead runs 9000d0s ahead of its file; to undo, change the ramp in the file",
		"in force: the ramp of late runs 3d1h0m0s behind its file; to undo, change the ramp in the file",
		"in force: the ramp of paused is paused since 2026-03-01T09:00:00Z; to undo: publisher ramp resume paused",
	}
	if got := Kept(nil, next); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := Kept(live, next); !slices.Equal(got, append(want, "ended: the ramp of gone follows its file again")) {
		t.Errorf("got %q", got)
	}
}
