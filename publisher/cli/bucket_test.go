package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	edge "github.com/sortition-dev/sortition/edge/cli"
)

const (
	// patience ends a story that would hang, however busy the machine is. Nothing depends
	// on how long things take.
	patience = 3 * time.Minute
	// glance is the time between two looks at what a story waits for.
	glance = 10 * time.Millisecond
)

// TestBucketStories runs the programs as people would with a bucket on a real S3 server,
// each story under a prefix of its own: $BUCKET.
func TestBucketStories(t *testing.T) {
	server, err := storetest.StartVersityGW(t.TempDir(), t.TempDir(), "stories")
	if errors.Is(err, storetest.ErrNoVersityGW) {
		t.Skip("NOT TESTED: the stories of the publisher and the edge on a real S3 server.", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	tellStories(t, "testdata/bucket", server)
}

// TestPushStories does so with a bucket that tells NATS what is written to it: $NATS.
func TestPushStories(t *testing.T) {
	broker, err := storetest.StartNATS("")
	if errors.Is(err, storetest.ErrNoNATS) {
		t.Skip("NOT TESTED: that what is published reaches hosts without a poll.", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	server, err := storetest.StartVersityGWNotifying(broker, "sortition", t.TempDir(), t.TempDir(), "stories")
	if errors.Is(err, storetest.ErrNoVersityGW) {
		t.Skip("NOT TESTED: that what is published reaches hosts without a poll.", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	tellStories(t, "testdata/push", server, "NATS", broker.URL)
}

// tellStories runs the stories in a directory, with variables and their values.
func tellStories(t *testing.T, dir string, server *storetest.VersityGW, variables ...string) {
	testscript.Run(t, testscript.Params{
		Dir:           dir,
		UpdateScripts: os.Getenv("UPDATE_STORIES") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "bucket": useBucket, "serve": edgeCommand("serve"), "collect": edgeCommand("collect"), "await": await, "tell": tell, "expose": expose,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("BUCKET", "s3://stories/"+filepath.Base(env.WorkDir))
			env.Setenv("AWS_ENDPOINT_URL", server.Endpoint)
			env.Setenv("AWS_REGION", "us-east-1")
			env.Setenv("AWS_ACCESS_KEY_ID", server.Access)
			env.Setenv("AWS_SECRET_ACCESS_KEY", server.Secret)
			for i := 0; i < len(variables); i += 2 {
				env.Setenv(variables[i], variables[i+1])
			}
			return nil
		},
	})
}

// runEdge is the edge program, which ends well when it is told to.
func runEdge() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(edge.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// useBucket makes a project of publisher init publish to $BUCKET: bucket DIR.
func useBucket(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: bucket dir")
	}
	path := ts.MkAbs(filepath.Join(args[0], "sortition.yaml"))
	text, err := os.ReadFile(path)
	ts.Check(err)
	text = bytes.Replace(text, []byte("\nbucket: bucket\n"), []byte("\nbucket: "+ts.Getenv("BUCKET")+"\n"), 1)
	ts.Check(os.WriteFile(path, text, 0o644))
}

// edgeCommand runs a command of the edge until the story ends, and puts the URL at which
// it answers into a variable: serve VARIABLE argument...
func edgeCommand(command string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < 2 {
			ts.Fatalf("usage: %s variable argument...", command)
		}
		ts.Setenv(args[0], runServer(ts, "edge", append([]string{command, "--listen", "127.0.0.1:0"}, args[1:]...)...))
	}
}

// serverEnvironment is what servers know of the story's environment. As with its other
// programs, nothing of the environment of the test gets to them.
var serverEnvironment = []string{"PATH", "HOME", "TMPDIR", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}

// runServer runs a program until the story ends and returns the URL at which it answers.
func runServer(ts *testscript.TestScript, name string, args ...string) string {
	program := exec.Command(name, args...)
	program.Dir = ts.MkAbs(".")
	for _, name := range serverEnvironment {
		program.Env = append(program.Env, name+"="+ts.Getenv(name))
	}
	stderr, err := program.StderrPipe()
	ts.Check(err)
	ts.Check(program.Start())
	var log bytes.Buffer
	listening, ended := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				listening <- url
			}
		}
		_ = program.Wait() // it is killed when the story ends
	}()
	ts.Defer(func() {
		_ = program.Process.Kill() // it may have ended
		<-ended
		ts.Logf("%v:\n%s", program.Args, log.Bytes())
	})
	select {
	case url := <-listening:
		return url
	case <-ended:
		ts.Fatalf("%v ended:\n%s", program.Args, log.Bytes())
	case <-time.After(patience):
		ts.Fatalf("%v does not listen", program.Args)
	}
	return ""
}

// tell posts a body with an API key, as hosts do, until it is taken: tell URL KEY BODY. A
// collector that is asked too often, or whose bucket is slow, says to come again.
func tell(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: tell url key body")
	}
	last := ""
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(glance) {
		request, err := http.NewRequest(http.MethodPost, args[0], strings.NewReader(args[2]))
		ts.Check(err)
		request.Header.Set("Authorization", "Bearer "+args[1])
		response, err := http.DefaultClient.Do(request)
		ts.Check(err)
		answer, _ := io.ReadAll(response.Body) // for the story's log
		response.Body.Close()
		switch last = fmt.Sprintf("%s: %s", response.Status, answer); response.StatusCode {
		case http.StatusAccepted:
			return
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		default:
			ts.Fatalf("%s answers %s", args[0], last)
		}
	}
	ts.Fatalf("%s answers %s", args[0], last)
}

// expose tells a collector that units were given a variant: expose URL KEY EXPERIMENT VARIANT
// REVISION UNITS.
func expose(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 6 {
		ts.Fatalf("usage: expose url key experiment variant revision units")
	}
	revision, err := strconv.ParseUint(args[4], 10, 64)
	ts.Check(err)
	units, err := strconv.Atoi(args[5])
	ts.Check(err)
	batch := event.ExposureBatch{Source: "story", Boot: "1"}
	for n := range units {
		batch.Exposures = append(batch.Exposures, event.Exposure{
			Seq: uint64(n + 1), Time: model.MillisOf(time.Now()), Experiment: args[2], Variant: args[3], Phase: 1,
			Unit: "user", UnitID: fmt.Sprintf("unit-%d", n), Revision: revision,
		})
	}
	body, err := json.Marshal(batch)
	ts.Check(err)
	tell(ts, false, []string{args[0] + "/api/v1/exposures", args[1], string(body)})
}

// await asks a URL until the answer matches a pattern: await URL BODY PATTERN. With a body
// it posts, with an empty one it gets.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: await url body pattern")
	}
	pattern, err := regexp.Compile(args[2])
	ts.Check(err)
	answer, began := "", time.Now()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(glance) {
		if answer, err = ask(args[0], args[1]); err == nil && pattern.MatchString(answer) {
			ts.Logf("after %v", time.Since(began).Round(time.Millisecond))
			return
		}
	}
	ts.Fatalf("%s answers %q, %v; want %s", args[0], answer, err, args[2])
}

func ask(url, body string) (string, error) {
	method, content := http.MethodGet, io.Reader(nil)
	if body != "" {
		method, content = http.MethodPost, strings.NewReader(body)
	}
	request, err := http.NewRequest(method, url, content)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return string(answer), err
}
