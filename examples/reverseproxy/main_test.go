package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/visit"
	"github.com/sortition-dev/sortition/hostshims/shimtest"
)

// TestProxy loads a page twice. The variant must be in the first bytes, and the same.
func TestProxy(t *testing.T) {
	shop := shimtest.New(t)
	bucket := httptest.NewServer(http.FileServer(http.Dir(shop.Bucket)))
	defer bucket.Close()
	sealer, err := cookie.NewSealer(shimtest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, ok := sealer.OpenDecisions(r.Header.Get(cookie.DecisionsHeader), time.Now())
		fmt.Fprint(w, ok, " ", d.Variants["button"], " ", r.Header.Get(visit.VariantKeyHeader))
	}))
	defer origin.Close()
	dir := t.TempDir()
	root, secret := filepath.Join(dir, "root.json"), filepath.Join(dir, "secret")
	for name, data := range map[string]string{root: string(shop.Root), secret: shimtest.Secret + "\n"} {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	ctx, stop := context.WithCancel(context.Background())
	output, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{
			"--bundles", bucket.URL, "--root", root, "--environment", shimtest.Environment,
			"--secret-file", secret, "--origin", origin.URL, "--listen", "127.0.0.1:0",
		}, stdout)
		stdout.Close()
	}()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err, <-ended)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))

	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	load := func() string {
		answer, err := client.Get(url + "/cart")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		page, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(page)
	}
	first := load()
	variant := strings.Fields(first)[1]
	if want := fmt.Sprintf("true %s button.%s", variant, variant); first != want || variant != "control" && variant != "green" {
		t.Errorf("the page is %q", first)
	}
	if second := load(); second != first {
		t.Errorf("the page is %q, and then %q", first, second)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestMistakes(t *testing.T) {
	for _, args := range [][]string{{"--unknown"}, {"--root", "nowhere.json"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
