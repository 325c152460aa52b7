package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// pace returns when the body with an index is due.
func pace(o options, began time.Time, index, events int) time.Time {
	if o.rate == 0 {
		return began
	}
	return began.Add(time.Duration(float64(index*events) / float64(o.rate) * float64(time.Second)))
}

// post returns a function that sends bodies over HTTP and wants 202 for each.
func post(key string) func(*server, *load, options) (time.Duration, error) {
	return func(p *server, l *load, o options) (time.Duration, error) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.clients, MaxConnsPerHost: o.clients, DisableCompression: true}}
		defer client.CloseIdleConnections()
		return sendAll(l, o, func(i int) error { return postOne(client, "http://"+p.address, key, l, i) })
	}
}

// sendAll sends every body, as many at a time as there are clients, each when it is due. It returns
// the time that all of them took, or the first error; a client ends at its first error.
func sendAll(l *load, o options, send func(i int) error) (time.Duration, error) {
	var next atomic.Int64
	var work sync.WaitGroup
	failures := make(chan error, o.clients)
	began := time.Now()
	for range o.clients {
		work.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(l.bodies) {
					return
				}
				time.Sleep(time.Until(pace(o, began, i, l.events)))
				if err := send(i); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	work.Wait()
	wall := time.Since(began)
	select {
	case err := <-failures:
		return 0, err
	default:
		return wall, nil
	}
}

func postOne(client *http.Client, url, key string, l *load, i int) error {
	r, err := http.NewRequest(http.MethodPost, url+l.path, bytes.NewReader(l.bodies[i]))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", l.contentType)
	if l.encoding != "" {
		r.Header.Set("Content-Encoding", l.encoding)
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("%s: %s", res.Status, text)
	}
	return err
}
