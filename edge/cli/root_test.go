package cli_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	publisher "github.com/sortition-dev/sortition/publisher/cli"

	"github.com/sortition-dev/sortition/edge/eventually"
)

// run runs the publisher program. Its arguments are split at spaces.
func run(t testing.TB, line string) {
	t.Helper()
	var out, problems strings.Builder
	if status := publisher.Run(context.Background(), strings.Fields(line), strings.NewReader(""), &out, &problems); status != 0 {
		t.Fatalf("publisher %s: status %d\n%s", line, status, &problems)
	}
}

// ceremony makes the project "shop" in a new working directory, in which alice and bob
// must both sign roots, and the key ci publishes revision 1.
func ceremony(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range []string{"alice", "bob", "ci", "new"} {
		run(t, "keygen --out "+name+".key")
	}
	run(t, "init shop")
	run(t, "root init --root-key alice.pub --root-key bob.pub --root-threshold 2 --publish-key ci.pub --out root-1.json")
	run(t, "root sign root-1.json --key alice.key")
	run(t, "root sign root-1.json --key bob.key")
	run(t, "root publish root-1.json shop --key ci.key")
	run(t, "publish shop --yes --key ci.key")
}

func waitForState(t *testing.T, url string, epoch, revision, root int) {
	t.Helper()
	eventually.True(t, fmt.Sprintf("revision %d of epoch %d under root %d", revision, epoch, root), func() bool {
		r := readiness(t, url)
		return r.Ready && r.Epoch == epoch && r.Revision == revision && r.RootVersion == root
	})
}

// A publishing key is stolen, and hosts serve what the thief publishes. A ceremony begins
// a new epoch: hosts that run follow it, and do not go back when they start again,
// whatever the bucket shows them.
func TestHostsRecoverFromAStolenKey(t *testing.T) {
	ceremony(t)
	args := []string{"serve", "--bucket", filepath.Join("shop", "bucket"), "--root", "root-1.json",
		"--listen", "127.0.0.1:0", "--poll", "20ms", "--state-dir", "state"}
	p := start(t, args...)
	waitForState(t, p.url, 1, 1, 1)

	for range 3 {
		run(t, "publish shop --yes --force --author thief --key ci.key")
	}
	waitForState(t, p.url, 1, 4, 1)
	past := filepath.Join(t.TempDir(), "bucket")
	if err := os.CopyFS(past, os.DirFS(filepath.Join("shop", "bucket"))); err != nil {
		t.Fatal(err)
	}

	run(t, "root rotate shop/keys/root.json --remove-publish-key ci.pub --add-publish-key new.pub --new-epoch --base 1 --out root-2.json")
	run(t, "root sign root-2.json --key alice.key --key bob.key")
	run(t, "root publish root-2.json shop --key new.key")
	waitForState(t, p.url, 2, 2, 2)
	run(t, "publish shop --yes --force --key new.key")
	waitForState(t, p.url, 2, 3, 2)
	p.stop()

	args[2] = past // the thief's bucket, without the new root
	p = start(t, args...)
	waitForState(t, p.url, 2, 3, 2)
	p.stop()

	args[2] = filepath.Join("shop", "bucket") // a new host, given the first root
	args[len(args)-1] = "state-2"
	p = start(t, args...)
	waitForState(t, p.url, 2, 3, 2)
}

func TestServeTrustsTheRootThatIsBuiltIn(t *testing.T) {
	ceremony(t)
	root, err := os.ReadFile("root-1.json")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "edge")
	build := exec.Command("go", "build", "-o", program,
		"-ldflags", "-X github.com/sortition-dev/sortition/edge/cli.builtInRoot="+base64.StdEncoding.EncodeToString(root),
		"github.com/sortition-dev/sortition/edge")
	build.Dir = sources
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	p := startProgram(t, program, "serve", "--bucket", filepath.Join("shop", "bucket"), "--listen", "127.0.0.1:0", "--poll", "20ms")
	waitForState(t, p.url, 1, 1, 1)
}

// sources is the directory of this package.
var sources, _ = os.Getwd()
