package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/sortition-dev/sortition/edge/collector/spool"
)

// serveFloor accepts any body, appends it to a file, and answers after a shared fsync.
func serveFloor(dir string) error {
	s, err := spool.Open(dir, spool.Options{Budget: 1 << 40, SegmentSize: 16 << 20})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	buffers := sync.Pool{New: func() any { return new([1 << 20]byte) }}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		buffer := buffers.Get().(*[1 << 20]byte)
		defer buffers.Put(buffer)
		n, err := io.ReadFull(r.Body, buffer[:min(r.ContentLength, int64(len(buffer)))])
		if err == nil {
			err = s.Append(buffer[:n])
		}
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})}
	fmt.Fprintf(os.Stderr, "listening on http://%s\n", listener.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { server.Shutdown(context.Background()) })
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return s.Close()
}
