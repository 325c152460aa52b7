package reload

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// HTTPSource reads a bucket from a web server or CDN. It has no credentials besides those of its
// URL and its client.
type HTTPSource struct {
	base   string // without a slash at the end
	client *http.Client
}

// Timeouts of the default client. The context of a request bounds the request as a whole.
const (
	connectTimeout = 5 * time.Second  // TCP, and the same again for TLS
	headerTimeout  = 10 * time.Second // from the request to the header of the response
	idleTimeout    = 90 * time.Second // longer than a poll, so that polls share a connection
)

// maxHeaderSize bounds the header of a response, in bytes. Stores send a few hundred, and CDNs some
// more.
const maxHeaderSize = 64 << 10

// NewHTTPSource returns the source at a URL such as https://cdn.example.com/bundles. If client is
// nil, the source uses a client of its own, with timeouts.
func NewHTTPSource(base string, client *http.Client) (*HTTPSource, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("reload: source: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("reload: source: %s must be of the form https://host/path", u.Redacted())
	}
	if client == nil {
		client = &http.Client{Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
			TLSHandshakeTimeout:    connectTimeout,
			ResponseHeaderTimeout:  headerTimeout,
			IdleConnTimeout:        idleTimeout,
			MaxResponseHeaderBytes: maxHeaderSize,
			ForceAttemptHTTP2:      true,
		}}
	}
	return &HTTPSource{strings.TrimSuffix(u.String(), "/"), client}, nil
}

// Get implements [bundle.Source].
func (s *HTTPSource) Get(ctx context.Context, name, etag string, limit int64) (bundle.Object, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/"+name, nil)
	if err != nil {
		return bundle.Object{}, err
	}
	request.Header.Set("Accept-Encoding", "identity") // hashes and limits are of the object itself
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return bundle.Object{}, err
	}
	defer response.Body.Close()
	object := bundle.Object{ETag: response.Header.Get("ETag")}
	switch where := request.URL.Redacted(); {
	case response.StatusCode == http.StatusNotModified && etag != "":
		return bundle.Object{}, bundle.ErrNotModified
	case response.StatusCode == http.StatusNotFound:
		return bundle.Object{}, fmt.Errorf("%w: %s", bundle.ErrNotFound, where)
	case response.StatusCode == http.StatusForbidden:
		return bundle.Object{}, fmt.Errorf("%w: %s: 403 Forbidden; buckets that may not be listed answer this also for a missing object",
			bundle.ErrNotFound, where)
	case response.StatusCode != http.StatusOK:
		return bundle.Object{}, fmt.Errorf("%s: %s", where, response.Status)
	case etag != "" && object.ETag == etag:
		return bundle.Object{}, bundle.ErrNotModified // the server ignores If-None-Match
	case response.ContentLength > limit:
		return bundle.Object{}, fmt.Errorf("%w: %s has %d bytes, over %d", bundle.ErrTooLarge, where, response.ContentLength, limit)
	}
	object.Data, err = io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return bundle.Object{}, fmt.Errorf("%s: %w", request.URL.Redacted(), err)
	}
	if int64(len(object.Data)) > limit {
		return bundle.Object{}, fmt.Errorf("%w: %s has over %d bytes", bundle.ErrTooLarge, request.URL.Redacted(), limit)
	}
	return object, nil
}

var _ bundle.Source = (*HTTPSource)(nil)
