package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sortition-dev/sortition/bundle/event"
)

const subject = "events"

// startJetStream starts a server with a stream on files. Sync is the interval of its fsyncs, or
// "always".
func startJetStream(binary, dir, sync string) (*server, error) {
	file := filepath.Join(dir, "nats.conf")
	config := fmt.Sprintf("listen: \"127.0.0.1:-1\"\njetstream {\n  store_dir: %q\n  sync_interval: %q\n}\n", dir, sync)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	p, err := start("Listening for client connections on ", binary, "-c", file)
	if err != nil {
		return nil, err
	}
	conn, js, err := connect(p)
	if err != nil {
		p.cmd.Process.Kill()
		return nil, err
	}
	defer conn.Close()
	_, err = js.AddStream(&nats.StreamConfig{Name: "EVENTS", Subjects: []string{subject}, Storage: nats.FileStorage})
	return p, err
}

func connect(p *server) (*nats.Conn, nats.JetStreamContext, error) {
	conn, err := nats.Connect("nats://" + p.address)
	if err != nil {
		return nil, nil, err
	}
	js, err := conn.JetStream(nats.PublishAsyncMaxPending(4_096))
	return conn, js, err
}

// publishEach returns a function that publishes every exposure as a message, many at a time, and
// waits for all acknowledgements.
func publishEach(batches []event.ExposureBatch) func(*server, *load, options) (time.Duration, error) {
	return func(p *server, _ *load, o options) (time.Duration, error) {
		conn, js, err := connect(p)
		if err != nil {
			return 0, err
		}
		defer conn.Close()
		began := time.Now()
		for i, b := range batches {
			time.Sleep(time.Until(pace(o, began, i, event.MaxExposures)))
			for j := range b.Exposures {
				message, err := json.Marshal(&b.Exposures[j])
				if err != nil {
					return 0, err
				}
				if _, err := js.PublishAsync(subject, message); err != nil {
					return 0, err
				}
			}
		}
		<-js.PublishAsyncComplete()
		return time.Since(began), nil
	}
}

// publishBodies publishes every body as a message, as many at a time as there are clients, and
// waits for each acknowledgement.
func publishBodies(p *server, l *load, o options) (time.Duration, error) {
	conn, js, err := connect(p)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return sendAll(l, o, func(i int) error {
		_, err := js.Publish(subject, l.bodies[i])
		return err
	})
}
