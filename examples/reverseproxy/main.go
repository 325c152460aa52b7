// Reverseproxy is a proxy in front of a site that assigns visitors to variants. It sends the
// site a signed header with the variants to render, and the key by which a cache distinguishes
// the copies of a page.
//
//	go run ./examples/reverseproxy --bundles https://cdn.example.com/bundles --root root.json \
//	    --environment production --secret-file secret --origin http://127.0.0.1:3000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/edge/visit"
	"github.com/sortition-dev/sortition/hostshims/nethttp"
)

const (
	readHeaderTimeout = 10 * time.Second
	shutdownTimeout   = 10 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reverseproxy:", err)
		os.Exit(1)
	}
}

type options struct{ bundles, root, environment, secret, origin, listen string }

func run(ctx context.Context, args []string, stdout io.Writer) error {
	var o options
	flags := flag.NewFlagSet("reverseproxy", flag.ContinueOnError)
	flags.StringVar(&o.bundles, "bundles", "", "URL at which a web server serves the bucket")
	flags.StringVar(&o.root, "root", "keys/root.json", "file of the signed root document")
	flags.StringVar(&o.environment, "environment", "production", "environment of the bundles")
	flags.StringVar(&o.secret, "secret-file", "", "file of the secret that signs cookies and headers")
	flags.StringVar(&o.origin, "origin", "", "URL of the site")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to listen on")
	if err := flags.Parse(args); err != nil {
		return err
	}
	h, err := openHost(ctx, &o)
	if err != nil {
		return err
	}
	defer h.Close(context.WithoutCancel(ctx))
	handler, err := proxy(h, &o)
	if err != nil {
		return err
	}
	return serve(ctx, o.listen, handler, stdout)
}

func openHost(ctx context.Context, o *options) (*host.Host, error) {
	envelope, err := os.ReadFile(o.root)
	if err != nil {
		return nil, err
	}
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		return nil, err
	}
	source, err := reload.NewHTTPSource(o.bundles, nil)
	if err != nil {
		return nil, err
	}
	return host.Open(ctx, host.Options{Source: source, Root: root, Environment: o.environment})
}

func proxy(h *host.Host, o *options) (http.Handler, error) {
	origin, err := url.Parse(o.origin)
	if err != nil || origin.Host == "" {
		return nil, fmt.Errorf("--origin %q: write a URL such as http://127.0.0.1:3000", o.origin)
	}
	secret, err := os.ReadFile(o.secret)
	if err != nil {
		return nil, err
	}
	sealer, err := cookie.NewSealer(strings.TrimSpace(string(secret)))
	if err != nil {
		return nil, err
	}
	a := &visit.Assigner{
		Host:     h,
		Identity: &cookie.Identity{Sealer: sealer, Consent: func(r *http.Request) bool { return r.Header.Get("DNT") != "1" }},
		Sticky:   &cookie.Sticky{Sealer: sealer},
		Sealer:   sealer,
	}
	return nethttp.Handler(a, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(origin)
		r.SetXForwarded()
	}}), nil
}

func serve(ctx context.Context, address string, handler http.Handler, stdout io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout}
	done := context.AfterFunc(ctx, func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		_ = server.Shutdown(ending)
	})
	defer done()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
