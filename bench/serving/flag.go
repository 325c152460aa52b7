package main

import (
	"encoding/json"
	"fmt"
	"net"

	"github.com/sortition-dev/sortition/bench/workload"
)

// The workload: one flag that targets a country of five, a platform and a version, and splits in
// halves. Every user is targeted but for the outsider, who is of a country that does not exist.
const nowhere = "ZZ"

func outsider(w *workload.Workload) workload.Request {
	r := w.Requests[0]
	r.Values = append([]workload.Value(nil), r.Values...)
	for i := range r.Values {
		if r.Values[i].Name == "country" {
			r.Values[i].String = nowhere
		}
	}
	return r
}

// ask sets the requests of the server: body makes the body of each.
func (s *server) ask(w *workload.Workload, path string, body func(workload.Request) any) error {
	whole := func(r workload.Request) ([]byte, error) {
		data, err := json.Marshal(body(r))
		return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: sortition-bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			path, s.address, len(data), data), err
	}
	for _, r := range w.Requests {
		request, err := whole(r)
		if err != nil {
			return err
		}
		s.requests = append(s.requests, request)
	}
	var err error
	s.outsider, err = whole(outsider(w))
	return err
}

// context returns the attributes of a request.
func context(r workload.Request) map[string]any {
	attributes := map[string]any{}
	for _, v := range r.Values {
		attributes[v.Name] = v.String // W1 has strings and versions only
	}
	return attributes
}

// freeAddresses returns n addresses of this machine on which nothing listens.
func freeAddresses(n int) ([]*net.TCPAddr, error) {
	var all []*net.TCPAddr
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // at the end, so that the addresses differ
		all = append(all, l.Addr().(*net.TCPAddr))
	}
	return all, nil
}
