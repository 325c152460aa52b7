package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/sortition-dev/sortition/bundle"
)

// S3 is a store on S3-compatible object storage. The storage must support If-None-Match on PUT.
// The Cache-Control header of objects from Create says immutable, and that of objects from Put
// says no-cache, for caches in front of the bucket.
type S3 struct {
	client minio.Core
	bucket string
	prefix string // "" or ending in a slash
}

// S3Config says where a bucket is and which credentials to use.
type S3Config struct {
	Bucket string
	Prefix string // of all object names, without leading and trailing slashes; may be empty

	// Endpoint is the server's URL, without a path. The default is AWS_ENDPOINT_URL_S3,
	// then AWS_ENDPOINT_URL, then Amazon's endpoint.
	Endpoint string
	// Region is the region of the bucket. The default is AWS_REGION, then
	// AWS_DEFAULT_REGION. If none is set, Amazon is asked for the region of the bucket;
	// for other endpoints it is us-east-1.
	Region string
	// Credentials sign requests. If nil, they come from AWS_ACCESS_KEY_ID,
	// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or else from the profile AWS_PROFILE in
	// ~/.aws/credentials and ~/.aws/config. Without any credentials, requests are not
	// signed; that is enough to read a public bucket.
	Credentials *credentials.Credentials
}

const (
	amazonEndpoint = "https://s3.amazonaws.com"
	defaultRegion  = "us-east-1"

	// requestTries is the number of attempts for a request that fails with a temporary
	// error. It is small, because callers poll or retry themselves.
	requestTries = 3

	immutable  = "public, max-age=31536000, immutable"
	revalidate = "no-cache"
)

// ParseS3URL reads s3://bucket/prefix?endpoint=URL&region=NAME.
func ParseS3URL(location string) (S3Config, error) {
	u, err := url.Parse(location)
	if err != nil {
		return S3Config{}, fmt.Errorf("store: %w", err)
	}
	if u.Scheme != "s3" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return S3Config{}, fmt.Errorf("store: %s must be of the form s3://bucket/prefix", u.Redacted())
	}
	c := S3Config{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/")}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return S3Config{}, fmt.Errorf("store: %s: %w", location, err)
	}
	for _, key := range sortedKeys(query) {
		switch value := query.Get(key); key {
		case "endpoint":
			c.Endpoint = value
		case "region":
			c.Region = value
		default:
			return S3Config{}, fmt.Errorf("store: %s has the unknown parameter %q; the parameters are endpoint and region", location, key)
		}
	}
	return c, nil
}

// NewS3 returns the store in a bucket. It makes no request.
func NewS3(c S3Config) (*S3, error) {
	endpoint := cmp.Or(c.Endpoint, os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"))
	region := cmp.Or(c.Region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	lookup := minio.BucketLookupAuto
	if endpoint != "" {
		region = cmp.Or(region, defaultRegion)
		lookup = minio.BucketLookupPath
	}
	server, err := url.Parse(cmp.Or(endpoint, amazonEndpoint))
	if err != nil {
		return nil, fmt.Errorf("store: endpoint: %w", err)
	}
	if server.Scheme != "http" && server.Scheme != "https" || server.Host == "" || strings.Trim(server.Path, "/") != "" {
		return nil, fmt.Errorf("store: endpoint %s must be of the form http://host:port or https://host", server.Redacted())
	}
	if c.Prefix != "" {
		if err := CheckName(c.Prefix); err != nil {
			return nil, fmt.Errorf("store: prefix: %w", err)
		}
		c.Prefix += "/"
	}
	if c.Credentials == nil {
		c.Credentials = credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{},
		})
	}
	client, err := minio.NewCore(server.Host, &minio.Options{
		Creds:        c.Credentials,
		Secure:       server.Scheme == "https",
		Region:       region,
		BucketLookup: lookup,
		MaxRetries:   requestTries,
	})
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &S3{*client, c.Bucket, c.Prefix}, nil
}

// Get implements [bundle.Source].
func (s *S3) Get(ctx context.Context, name, etag string, limit int64) (bundle.Object, error) {
	if err := CheckName(name); err != nil {
		return bundle.Object{}, err
	}
	var options minio.GetObjectOptions
	if etag != "" {
		if err := options.SetMatchETagExcept(etag); err != nil {
			return bundle.Object{}, err
		}
	}
	body, info, _, err := s.client.GetObject(ctx, s.bucket, s.prefix+name, options)
	if err != nil {
		return bundle.Object{}, s.explain("get", name, err)
	}
	defer body.Close()
	if info.Size > limit {
		return bundle.Object{}, fmt.Errorf("%w: %s has %d bytes; the limit is %d", bundle.ErrTooLarge, name, info.Size, limit)
	}
	data, err := readLimited(body, name, limit)
	if err != nil {
		return bundle.Object{}, err
	}
	if int64(len(data)) != info.Size {
		return bundle.Object{}, fmt.Errorf("get %s: %w after %d of %d bytes", name, io.ErrUnexpectedEOF, len(data), info.Size)
	}
	return bundle.Object{Data: data, ETag: info.ETag}, nil
}

// Put implements [Store].
func (s *S3) Put(ctx context.Context, name string, data []byte) error {
	return s.write(ctx, "put", name, data, minio.PutObjectOptions{CacheControl: revalidate})
}

// Create implements [Store].
func (s *S3) Create(ctx context.Context, name string, data []byte) error {
	options := minio.PutObjectOptions{CacheControl: immutable}
	options.SetMatchETagExcept("*")
	return s.write(ctx, "create", name, data, options)
}

// write makes a single PUT request, whose signature covers the hash of the data. Multipart
// uploads and chunked signatures are avoided, because servers differ in how they combine them
// with conditions.
func (s *S3) write(ctx context.Context, verb, name string, data []byte, options minio.PutObjectOptions) error {
	if err := CheckName(name); err != nil {
		return err
	}
	options.DisableContentSha256 = true // of chunks; the hash of the whole is given below
	options.ContentType = "application/octet-stream"
	if strings.HasSuffix(name, ".json") {
		options.ContentType = "application/json"
	}
	hash := bundle.HashOf(data).String()
	_, err := s.client.PutObject(ctx, s.bucket, s.prefix+name, bytes.NewReader(data), int64(len(data)), "", hash, options)
	if err != nil {
		return s.explain(verb, name, err)
	}
	return nil
}

// Delete implements [Store].
func (s *S3) Delete(ctx context.Context, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	err := s.client.RemoveObject(ctx, s.bucket, s.prefix+name, minio.RemoveObjectOptions{})
	if err = s.explain("delete", name, err); err != nil && !errors.Is(err, bundle.ErrNotFound) {
		return err
	}
	return nil
}

// List implements [Store].
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Entry, error] {
	if err := checkPrefix(prefix); err != nil {
		return fail(err)
	}
	return func(yield func(Entry, error) bool) {
		options := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}
		for o := range s.client.ListObjectsIter(ctx, s.bucket, options) {
			if o.Err != nil {
				yield(Entry{}, s.explain("list", prefix, o.Err))
				return
			}
			if !yield(Entry{strings.TrimPrefix(o.Key, s.prefix), o.Size, o.LastModified}, nil) {
				return
			}
		}
		// The client ends a listing early, without an error, when the context is done.
		if err := ctx.Err(); err != nil {
			yield(Entry{}, s.explain("list", prefix, err))
		}
	}
}

// explain turns an error of the client into one of this package, with a hint where possible.
func (s *S3) explain(verb, name string, err error) error {
	if err == nil {
		return nil
	}
	location := "s3://" + s.bucket + "/" + s.prefix + name
	response := minio.ToErrorResponse(err)
	switch {
	case response.Code == minio.NoSuchBucket:
		return fmt.Errorf("%s %s: there is no bucket %q: create it, or correct the store's URL", verb, location, s.bucket)
	case response.StatusCode == http.StatusNotModified:
		return bundle.ErrNotModified
	case response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: %s", bundle.ErrNotFound, location)
	case verb == "create" && (response.StatusCode == http.StatusPreconditionFailed || response.StatusCode == http.StatusConflict):
		return fmt.Errorf("%w: %s", ErrExists, location)
	case response.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%s %s: access denied: check the credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE …) and the bucket's policy: %w", verb, location, err)
	}
	return fmt.Errorf("%s %s: %w", verb, location, err)
}
