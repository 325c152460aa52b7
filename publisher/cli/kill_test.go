package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// TestKillNeedsOneLook counts what a host has to do to learn of a kill: look once. It
// looks once in each poll interval, so the kill is there before two have passed.
func TestKillNeedsOneLook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	publisher := func(args ...string) {
		t.Helper()
		if status := Run(t.Context(), args, nil, io.Discard, io.Discard); status != statusOK {
			t.Fatalf("publisher %v: exit status %d", args, status)
		}
	}
	publisher("init", dir)
	publisher("keygen", dir)
	publisher("publish", dir, "--yes")

	source, err := store.Open(t.Context(), filepath.Join(dir, "bucket"))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := os.ReadFile(filepath.Join(dir, "keys", "root.json"))
	if err != nil {
		t.Fatal(err)
	}
	root, err := bundle.ParseRoot(signed)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Open(t.Context(), host.Options{
		Source: source, Root: root, Environment: "production", Poll: time.Hour, Instances: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })

	var r host.Request
	for _, step := range []struct {
		do   []string
		want abi.Reason
	}{
		{[]string{"check", dir}, abi.ReasonOverride},
		{[]string{"kill", "welcome_banner", dir, "-m", "errors"}, abi.ReasonKillSwitch},
		{[]string{"publish", dir, "--force", "--yes"}, abi.ReasonKillSwitch},
		{[]string{"kill", "welcome_banner", dir, "--undo", "-m", "mended"}, abi.ReasonOverride},
	} {
		publisher(step.do...)
		h.Refresh(t.Context())
		d, err := h.Decide(r.Reset().Unit("user", "qa-1"), "welcome_banner")
		if err != nil || d.Reason() != step.want {
			t.Errorf("after publisher %s: reason %s, %v; want %s", step.do[0], d.Reason(), err, step.want)
		}
	}
}
