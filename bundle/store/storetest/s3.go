package storetest

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sortition-dev/sortition/bundle/store"
)

// S3 is an S3 server in memory. It serves HTTP on a listener and accepts every request, signed
// or not. It supports the conditional requests that this project makes.
type S3 struct {
	server   *http.Server
	endpoint string
}

// defaultRegion is the region of requests to both servers, which ignore it.
const defaultRegion = "us-east-1"

// readHeaderTimeout bounds how long a client may take over a request's head.
const readHeaderTimeout = 10 * time.Second

// NewS3 serves empty buckets with these names on a listener until Close.
func NewS3(l net.Listener, buckets ...string) (*S3, error) {
	backend := s3mem.New()
	for _, b := range buckets {
		if err := backend.CreateBucket(b); err != nil {
			return nil, fmt.Errorf("create bucket %s: %w", b, err)
		}
	}
	s := &S3{
		server: &http.Server{
			Handler:           gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server(),
			ReadHeaderTimeout: readHeaderTimeout,
		},
		endpoint: "http://" + l.Addr().String(),
	}
	go s.server.Serve(l) // returns after Close; the error says no more
	return s, nil
}

// URL returns the URL of a bucket for [store.Open]. The prefix may be empty.
func (s *S3) URL(bucket, prefix string) string {
	u := url.URL{Scheme: "s3", Host: bucket, Path: "/" + prefix, RawQuery: url.Values{"endpoint": {s.endpoint}}.Encode()}
	return u.String()
}

// Store returns the store in a bucket. It ignores credentials in the environment.
func (s *S3) Store(bucket, prefix string) (*store.S3, error) {
	return store.NewS3(store.S3Config{
		Bucket: bucket, Prefix: prefix, Endpoint: s.endpoint, Region: defaultRegion,
		Credentials: credentials.NewStaticV4("test", "test-secret", ""),
	})
}

// Close stops the server and drops its objects.
func (s *S3) Close() error { return s.server.Close() }
