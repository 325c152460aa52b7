package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/config"
)

const (
	bucketName = "storefront"
	apiKey     = "demo-api-key"
	unitKey    = "demo-unit-key-that-is-not-secret-at-all"

	startLimit = 15 * time.Second // for a program to listen
	stopLimit  = 30 * time.Second // for a program to finish its work
)

// stage holds what the demo uses: a directory, a bucket and the programs.
type stage struct {
	out     io.Writer
	dir     string
	keep    bool
	steps   int
	bucket  *storetest.S3
	project string // directory
	edge    *program
	collect *program
}

func newStage(out io.Writer, keep bool) (*stage, error) {
	dir, err := os.MkdirTemp("", "sortition-demo-")
	if err != nil {
		return nil, err
	}
	return &stage{out: out, dir: dir, keep: keep, project: filepath.Join(dir, "storefront")}, nil
}

// step prints what the demo does next.
func (s *stage) step(what string) {
	s.steps++
	fmt.Fprintf(s.out, "%2d  %s\n", s.steps, what)
}

// note prints the output of a step.
func (s *stage) note(output string) {
	for line := range strings.Lines(output) {
		fmt.Fprintf(s.out, "      %s\n", strings.TrimRight(line, "\n"))
	}
}

func (s *stage) close() error {
	var errs []error
	for _, p := range []*program{s.edge, s.collect} {
		if p != nil {
			p.kill()
		}
	}
	if s.bucket != nil {
		errs = append(errs, s.bucket.Close())
	}
	if s.keep {
		fmt.Fprintf(s.out, "kept %s\n", s.dir)
		return errors.Join(errs...)
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// build compiles the programs as a user would.
func (s *stage) build(ctx context.Context) error {
	for _, name := range []string{"publisher", "edge"} {
		build := exec.CommandContext(ctx, "go", "build", "-o", s.path(name), "github.com/sortition-dev/sortition/"+name)
		if output, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", name, err, output)
		}
	}
	return nil
}

func (s *stage) startBucket() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.bucket, err = storetest.NewS3(l, bucketName)
	return err
}

func (s *stage) bucketURL() string { return s.bucket.URL(bucketName, "sortition") }

// publishStorefront copies the example project, sets its bucket, and publishes it with
// new keys.
func (s *stage) publishStorefront(ctx context.Context) error {
	source, err := packageDir(ctx, "github.com/sortition-dev/sortition/examples/demo")
	if err != nil {
		return err
	}
	if err := os.CopyFS(s.project, os.DirFS(filepath.Join(source, "..", "storefront"))); err != nil {
		return err
	}
	if err := s.edit(config.ProjectFile, "bucket: s3://storefront/sortition", "bucket: "+s.bucketURL()); err != nil {
		return err
	}
	for _, command := range [][]string{{"check", s.project}, {"keygen", s.project}, {"publish", s.project, "--message", "first", "--yes"}} {
		output, err := s.publisher(ctx, command...)
		if err != nil {
			return err
		}
		s.note(strings.ReplaceAll(output, s.dir+string(filepath.Separator), ""))
	}
	return nil
}

func packageDir(ctx context.Context, pkg string) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		return "", fmt.Errorf("find the source of the demo (run the demo inside the repository): %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}

// edit replaces a line of a file of the project.
func (s *stage) edit(name, from, to string) error {
	path := filepath.Join(s.project, name)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(text, []byte(from)) {
		return fmt.Errorf("%s has no line %q", name, from)
	}
	return os.WriteFile(path, bytes.Replace(text, []byte(from), []byte(to), 1), 0o644)
}

// raiseTraffic publishes the change that the demo makes while visitors arrive.
func (s *stage) raiseTraffic(ctx context.Context) error {
	if err := s.edit("experiments/checkout_button.yaml", "traffic: 50%", "traffic: 60%"); err != nil {
		return err
	}
	_, err := s.publisher(ctx, "publish", s.project, "--yes", "--message", "checkout_button to 60%")
	return err
}

// publisher runs the publisher and returns its standard output.
func (s *stage) publisher(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, s.path("publisher"), args...)
	command.Env = s.environment()
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("publisher %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String(), nil
}

// results returns the results of every live experiment, as JSON.
func (s *stage) results(ctx context.Context) (string, error) {
	return s.publisher(ctx, "results", s.project, "--format", "json", "--cache", s.path("cache"))
}

// environment returns the environment of the programs. The bucket accepts any credentials.
func (s *stage) environment() []string {
	return append(os.Environ(), "AWS_ACCESS_KEY_ID=demo", "AWS_SECRET_ACCESS_KEY=demo-secret", "AWS_REGION=us-east-1")
}

// startEdge starts the collector and an edge that reports to it, and waits until the
// edge has a bundle.
func (s *stage) startEdge(ctx context.Context) error {
	for name, secret := range map[string]string{"api.key": apiKey, "unit.key": unitKey} {
		if err := os.WriteFile(s.path(name), []byte(secret+"\n"), 0o600); err != nil {
			return err
		}
	}
	var err error
	s.collect, err = s.start(ctx, "collect", "--bucket", s.bucketURL(), "--listen", "127.0.0.1:0",
		"--spool", s.path("spool"), "--api-key-file", s.path("api.key"), "--unit-key-file", s.path("unit.key"), "--rotate", "5s")
	if err != nil {
		return err
	}
	s.edge, err = s.start(ctx, "serve", "--bucket", s.bucketURL(), "--listen", "127.0.0.1:0",
		"--root", filepath.Join(s.project, config.DefaultRoot), "--state-dir", s.path("state"), "--poll", "1s",
		"--collector", s.collect.address, "--api-key-file", s.path("api.key"), "--source-id", "demo-edge")
	if err != nil {
		return err
	}
	s.note("edge serve on " + s.edge.address + ", edge collect on " + s.collect.address)
	return nil
}

// stopEdge stops the edge first, so that its last exposures reach the collector.
func (s *stage) stopEdge() error {
	return errors.Join(s.edge.stop(), s.collect.stop())
}
