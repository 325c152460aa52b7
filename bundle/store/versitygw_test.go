package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
)

// TestVersityGW runs the store against a real S3 server in a process of its own.
func TestVersityGW(t *testing.T) {
	server, err := storetest.StartVersityGW(t.TempDir(), t.TempDir(), "bucket", "other")
	if errors.Is(err, storetest.ErrNoVersityGW) {
		t.Skip("NOT TESTED: the store against a real S3 server.", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	endpoint, access, secret := server.Endpoint, server.Access, server.Secret

	t.Run("bucket", func(t *testing.T) {
		s, err := server.Store("bucket", "")
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
		if err == nil || !strings.Contains(err.Error(), "check the credentials") {
			t.Errorf("got %v, want advice on credentials", err)
		}
	})
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
