package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Timeouts and limits of an HTTP server. They keep slow clients from using up connections.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
)

// Listener is an open address for an HTTP server.
type Listener struct {
	net.Listener
	stderr io.Writer
	logger *slog.Logger
}

// Listen opens an address such as "127.0.0.1:8080". Port 0 picks a free port.
func Listen(address string, stderr io.Writer, logger *slog.Logger) (*Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	return &Listener{Listener: l, stderr: stderr, logger: logger}, nil
}

// Serve answers requests until ctx ends, or the server fails. Then it stops accepting,
// lets the requests in flight finish until deadline ends, and returns.
func (l *Listener) Serve(ctx, deadline context.Context, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(l.logger.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l.Listener) }()
	// Scripts and tests wait for this line.
	fmt.Fprintf(l.stderr, "listening on http://%s\n", l.Addr())

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	l.logger.Info("stopping: waiting for requests in flight")
	err := server.Shutdown(deadline)
	if err != nil {
		err = errors.Join(errors.New("requests were still in flight at the deadline, and were aborted"), server.Close())
	}
	if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// Outlive returns a context that ends d after ctx ends: the deadline for a graceful shutdown.
func Outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(d, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel() }
}
