package contest

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sortition-dev/sortition/bench/workload"
)

// Serve runs a contestant. It reads orders and carries them out until the input ends.
func Serve(c Contestant, r io.Reader, w io.Writer) error {
	s := server{contestant: c}
	in, out := json.NewDecoder(r), json.NewEncoder(w)
	for {
		var o order
		if err := in.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		a, err := s.follow(o)
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			return err
		}
	}
}

type server struct {
	contestant Contestant
	requests   int
	before     int64 // live bytes before Open
}

func (s *server) follow(o order) (a answer, err error) {
	switch o.Do {
	case "prepare":
		return a, s.prepare(o)
	case "open":
		s.before = live()
		wall, cpu := time.Now(), CPUTime()
		if err := s.contestant.Open(); err != nil {
			return a, err
		}
		err := s.contestant.One(0)
		return answer{CPU: CPUTime() - cpu, Wall: int64(time.Since(wall))}, err
	case "memory":
		return answer{Bytes: live() - s.before}, nil
	case "matches":
		for i := range s.requests {
			matched, err := s.contestant.Matches(i)
			if err != nil {
				return a, err
			}
			a.Matches = append(a.Matches, matched)
		}
		return a, nil
	case "one":
		return s.work(o, s.contestant.One)
	case "all":
		return s.work(o, func(request int) error {
			_, err := s.contestant.All(request)
			return err
		})
	}
	return a, fmt.Errorf("unknown order %q", o.Do)
}

func (s *server) prepare(o order) error {
	data, err := os.ReadFile(o.Workload)
	if err != nil {
		return err
	}
	var w workload.Workload
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	s.requests = len(w.Requests)
	return s.contestant.Prepare(&w, o.Bucket)
}

func (s *server) work(o order, f func(request int) error) (a answer, err error) {
	if o.Times == 0 {
		return s.spend(o.Budget, f)
	}
	for i := range o.Times {
		if err := f(i % s.requests); err != nil {
			return a, err
		}
	}
	return a, nil
}

// spend calls f for one request after another until the budget of CPU time is used up.
func (s *server) spend(budget int64, f func(request int) error) (answer, error) {
	var a answer
	start := CPUTime()
	for batch := int64(1); a.CPU < budget; batch *= 2 {
		for range batch {
			if err := f(int(a.Count) % s.requests); err != nil {
				return a, err
			}
			a.Count++
		}
		a.CPU = CPUTime() - start
	}
	return a, nil
}

// CPUTime returns the CPU time of the process in nanoseconds, including all threads and
// garbage collection.
func CPUTime() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return t.Nano()
}

// live returns the bytes in use on the heap.
func live() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
