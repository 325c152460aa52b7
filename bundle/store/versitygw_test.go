package store_test

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sortition-dev/sortition/bundle/store"
)

// versitygwVariable names the versitygw program; without it, PATH is searched.
const versitygwVariable = "SORTITION_VERSITYGW"

// startDeadline bounds how long the server may take to answer: a busy machine is slow.
const startDeadline = time.Minute

// TestVersityGW runs the store against a real S3 server in a process of its own.
func TestVersityGW(t *testing.T) {
	program := os.Getenv(versitygwVariable)
	if program == "" {
		program, _ = exec.LookPath("versitygw")
	}
	if program == "" {
		t.Skip("NOT TESTED: the store against a real S3 server. There is no versitygw in PATH: run" +
			" 'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0' and set " + versitygwVariable + " to the program")
	}
	const access, secret = "access", "secret-key"
	data := t.TempDir()
	for _, bucket := range []string{"bucket", "other"} {
		if err := os.Mkdir(filepath.Join(data, bucket), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	endpoint := startVersityGW(t, program, data, access, secret)

	t.Run("bucket", func(t *testing.T) {
		s, err := store.NewS3(store.S3Config{
			Bucket: "bucket", Endpoint: endpoint, Credentials: credentials.NewStaticV4(access, secret, ""),
		})
		if err != nil {
			t.Fatal(err)
		}
		conformance(t, s)
	})
	t.Run("prefix, from URL and environment", func(t *testing.T) {
		t.Setenv("AWS_ENDPOINT_URL", endpoint)
		t.Setenv("AWS_REGION", "us-east-1")
		t.Setenv("AWS_ACCESS_KEY_ID", access)
		t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
		s, err := store.Open(t.Context(), "s3://other/team/web/")
		if err != nil {
			t.Fatal(err)
		}
		conformance(t, s)
	})
	t.Run("credentials from a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "credentials")
		content := "[edge]\naws_access_key_id = " + access + "\naws_secret_access_key = " + secret + "\n"
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		withoutCredentials(t)
		t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
		t.Setenv("AWS_PROFILE", "edge")
		s, err := store.Open(t.Context(), "s3://bucket/file?endpoint="+endpoint)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Create(t.Context(), "m/1.json", []byte("{}")); err != nil {
			t.Error(err)
		}
	})
	t.Run("wrong credentials", func(t *testing.T) {
		s, err := store.NewS3(store.S3Config{
			Bucket: "bucket", Endpoint: endpoint, Credentials: credentials.NewStaticV4(access, "wrong", ""),
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Get(t.Context(), "latest.json", "", limit)
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte("check the credentials")) {
			t.Errorf("got %v, want advice on credentials", err)
		}
	})
}

// startVersityGW starts the server and returns its URL. It stops with the test.
func startVersityGW(t *testing.T, program, data, access, secret string) string {
	t.Helper()
	address := freeAddress(t)
	var output bytes.Buffer
	server := exec.Command(program, "--quiet", "--access", access, "--secret", secret, "--region", "us-east-1",
		"--port", address, "posix", "--sidecar", t.TempDir(), data)
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		server.Process.Kill()
		<-ended
	})
	endpoint := "http://" + address
	for deadline := time.Now().Add(startDeadline); ; time.Sleep(20 * time.Millisecond) {
		response, err := http.Get(endpoint)
		if err == nil {
			response.Body.Close()
			return endpoint
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("versitygw ended: %v\n%s", err, output.Bytes())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("versitygw does not answer on %s: %v", address, err)
		}
	}
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// withoutCredentials hides the credentials of whoever runs the test.
func withoutCredentials(t *testing.T) {
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
}
