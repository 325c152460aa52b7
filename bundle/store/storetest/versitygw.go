package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sortition-dev/sortition/bundle/store"
)

// VersityGWVariable names the environment variable with the path of the versitygw
// program; without it, PATH is searched.
const VersityGWVariable = "SORTITION_VERSITYGW"

const (
	// startDeadline is how long the server may take to start on a busy machine.
	startDeadline = time.Minute
	// startPoll is the time between two checks whether the server has started.
	startPoll = 20 * time.Millisecond
	// startTries is the number of attempts to start the server: another process may take the
	// chosen address before the server listens on it.
	startTries = 5
)

// ErrNoVersityGW says that the program is not installed, and how to install it.
var ErrNoVersityGW = errors.New("there is no versitygw in PATH: run 'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0' and set " +
	VersityGWVariable + " to the program")

// VersityGW is the S3 server versitygw in a process of its own. Unlike [S3], it checks
// credentials.
type VersityGW struct {
	Access, Secret string // the credentials that it accepts
	Endpoint       string

	process *exec.Cmd
	ended   chan error
}

// StartVersityGW serves empty buckets with these names until Close. The directories data and
// sidecar must exist and be empty. The error is [ErrNoVersityGW] if the program is not
// installed.
func StartVersityGW(data, sidecar string, buckets ...string) (*VersityGW, error) {
	return startVersityGW(nil, data, sidecar, buckets)
}

// StartVersityGWNotifying is like [StartVersityGW]. The server also sends a notification of every
// write to a NATS subject.
func StartVersityGWNotifying(server *NATS, subject, data, sidecar string, buckets ...string) (*VersityGW, error) {
	return startVersityGW([]string{"--event-nats-url", server.URL, "--event-nats-topic", subject}, data, sidecar, buckets)
}

func startVersityGW(options []string, data, sidecar string, buckets []string) (*VersityGW, error) {
	program := os.Getenv(VersityGWVariable)
	if program == "" {
		var err error
		if program, err = exec.LookPath("versitygw"); err != nil {
			return nil, ErrNoVersityGW
		}
	}
	for _, bucket := range buckets {
		if err := os.Mkdir(filepath.Join(data, bucket), 0o755); err != nil {
			return nil, err
		}
	}
	var failures error
	for range startTries {
		s, err := launchVersityGW(program, options, data, sidecar)
		if err == nil {
			return s, nil
		}
		failures = errors.Join(failures, err)
	}
	return nil, failures
}

// launchVersityGW starts a server on an address that was free just before.
func launchVersityGW(program string, options []string, data, sidecar string) (*VersityGW, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &VersityGW{Access: "access", Secret: rand.Text(), Endpoint: "http://" + address, ended: make(chan error, 1)}
	options = slices.Concat(options, []string{"--quiet", "--access", s.Access, "--secret", s.Secret, "--region", defaultRegion,
		"--port", address, "posix", "--sidecar", sidecar, data})
	s.process = exec.Command(program, options...)
	var output bytes.Buffer
	s.process.Stdout, s.process.Stderr = &output, &output
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.process.Wait() }()
	err = s.await()
	if err == nil {
		err = s.recognise()
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("versitygw on %s: %w: %s", address, err, output.Bytes())
	}
	return s, nil
}

// recognise fails if the server at the address does not accept the secret, because then it is
// another server.
func (s *VersityGW) recognise() error {
	client, err := minio.New(strings.TrimPrefix(s.Endpoint, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(s.Access, s.Secret, ""), Region: defaultRegion,
	})
	if err == nil {
		_, err = client.ListBuckets(context.Background())
	}
	return err
}

// await waits until the server answers.
func (s *VersityGW) await() error {
	for deadline := time.Now().Add(startDeadline); ; {
		response, err := http.Get(s.Endpoint)
		if err == nil {
			return response.Body.Close()
		}
		select {
		case ended := <-s.ended:
			s.ended <- ended
			return fmt.Errorf("it ended: %w", ended)
		case <-time.After(startPoll):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("it does not answer: %w", err)
		}
	}
}

// Store returns the store in a bucket. It ignores credentials in the environment.
func (s *VersityGW) Store(bucket, prefix string) (*store.S3, error) {
	return store.NewS3(store.S3Config{
		Bucket: bucket, Prefix: prefix, Endpoint: s.Endpoint, Region: defaultRegion,
		Credentials: credentials.NewStaticV4(s.Access, s.Secret, ""),
	})
}

// Close kills the server. Its objects stay in the directories.
func (s *VersityGW) Close() {
	s.process.Process.Kill() // it may have ended
	s.ended <- <-s.ended
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
