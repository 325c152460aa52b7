package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
)

func TestOpenRefuses(t *testing.T) {
	withoutCredentials(t)
	for location, want := range map[string]string{
		"":                                "no location",
		"gs://bucket":                     `scheme "gs"`,
		"s3://":                           "s3://bucket/prefix",
		"s3://user:secret@bucket":         "s3://bucket/prefix",
		"s3://bucket?regoin=eu-west-1":    `"regoin"`,
		"s3://bucket?endpoint=host:9000":  "http://host:port",
		"s3://bucket?endpoint=ftp://h":    "http://host:port",
		"s3://bucket?endpoint=http://h/p": "http://host:port",
		"s3://bucket/a//b":                "segment",
		"s3://bucket/a b":                 `' '`,
		"file://relative/path":            "file:///absolute/directory",
		"file:///path?x=1":                "file:///absolute/directory",
	} {
		s, err := store.Open(t.Context(), location)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, %v; want an error with %q", location, s, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error shows a password: %v", location, err)
		}
	}
}

func TestParseS3URL(t *testing.T) {
	for location, want := range map[string]store.S3Config{
		"s3://bucket":           {Bucket: "bucket"},
		"s3://bucket/":          {Bucket: "bucket"},
		"s3://bucket/team/web/": {Bucket: "bucket", Prefix: "team/web"},
		"s3://b/p?region=eu-1":  {Bucket: "b", Prefix: "p", Region: "eu-1"},
		"s3://b?endpoint=http://127.0.0.1:9000&region=x": {Bucket: "b", Endpoint: "http://127.0.0.1:9000", Region: "x"},
	} {
		if got, err := store.ParseS3URL(location); err != nil || got != want {
			t.Errorf("%s: got %+v, %v; want %+v", location, got, err, want)
		}
	}
}

func TestAbsentBucketIsNoAbsentObject(t *testing.T) {
	s, err := startEmbedded(t).Store("absent", "")
	if err != nil {
		t.Fatal(err)
	}
	_, getErr := s.Get(t.Context(), "latest.json", "", limit)
	for op, err := range map[string]error{
		"get":    getErr,
		"put":    s.Put(t.Context(), "latest.json", nil),
		"create": s.Create(t.Context(), "latest.json", nil),
	} {
		if err == nil || errors.Is(err, bundle.ErrNotFound) || !strings.Contains(err.Error(), `no bucket "absent"`) {
			t.Errorf("%s: %v", op, err)
		}
	}
}

func TestDirIsMadeOfPlainFiles(t *testing.T) {
	root := t.TempDir()
	s, err := store.Open(t.Context(), "file://"+filepath.ToSlash(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"m/1.json", "latest.json"} {
		if err := s.Create(t.Context(), name, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Create(t.Context(), "m/1.json", []byte("other")); !errors.Is(err, store.ErrExists) {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"*", ".*", "*/*", "*/.*"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) != 3 { // latest.json, m, m/1.json
		t.Errorf("the directory holds %v", files)
	}
	if data, err := os.ReadFile(filepath.Join(root, "m", "1.json")); err != nil || string(data) != "{}" {
		t.Errorf("m/1.json holds %q, %v", data, err)
	}
	if _, err := s.Get(t.Context(), "m", "", limit); !errors.Is(err, bundle.ErrNotFound) {
		t.Errorf("a directory is no object: %v", err)
	}
}

func TestDirIgnoresWhatACrashLeft(t *testing.T) {
	root := t.TempDir()
	s, err := store.Open(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "m"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "m", ".tmp-123"), []byte("ha"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := list(t, s, ""); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
}
