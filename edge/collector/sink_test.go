package collector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/edge/collector"
	"github.com/sortition-dev/sortition/edge/collector/sink"
	"github.com/sortition-dev/sortition/edge/eventually"
)

// lines is a sink that writes a file of JSON lines for each segment into a directory.
type lines struct {
	dir string

	mu     sync.Mutex
	fault  func() (before, after error) // fails a write before or after the file is durable
	writes []string                     // the segments of all calls
}

func (l *lines) Write(_ context.Context, segment string, batches iter.Seq2[*sink.Batch, error]) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes = append(l.writes, segment)
	var before, after error
	if l.fault != nil {
		before, after = l.fault()
	}
	if before != nil {
		return before
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for b, err := range batches {
		if err != nil {
			return err
		}
		for _, row := range b.AppendExposures(nil) {
			if err := enc.Encode(row); err != nil {
				return err
			}
		}
		for _, row := range b.AppendOutcomes(nil) {
			if err := enc.Encode(row); err != nil {
				return err
			}
		}
	}
	if err := durable.Replace(filepath.Join(l.dir, segment+".jsonl"), text.Bytes(), 0o600); err != nil {
		return err
	}
	return after
}

// ids returns how often each event is stored: an outcome by its id, an exposure by its number.
func (l *lines) ids(t *testing.T) map[string]int {
	t.Helper()
	ids := map[string]int{}
	err := fs.WalkDir(os.DirFS(l.dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(l.dir, path))
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(data)) {
			var row struct {
				ID  string
				Seq uint64
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				return err
			}
			ids[fmt.Sprint(row.ID, row.Seq)]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func withSink(s sink.Sink) func(*collector.Config) {
	return func(c *collector.Config) { c.Sink, c.Metrics = s, nil }
}

// TestSinkThatFails: the collector calls a failing sink again until it has stored the segment. A
// segment that was stored before a failure is stored once.
func TestSinkThatFails(t *testing.T) {
	for name, fault := range map[string]func(call int) (before, after error){
		"before it stores": func(call int) (error, error) { return failures(call), nil },
		"after it stored":  func(call int) (error, error) { return nil, failures(call) },
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			s := &lines{dir: t.TempDir()}
			s.fault = func() (error, error) { calls++; return fault(calls) }
			c := config(t, newBucket(), withSink(s), func(c *collector.Config) { c.SegmentSize = 1 })
			col := start(t, c)
			stop := running(t, col)
			mustPost(t, col.Handler(), "/api/v1/track/batch", `{"events":[
				{"user_id":"u","event_name":"e","event_id":"a"}, {"user_id":"u","event_name":"e","event_id":"b"},
				{"user_id":"u","event_name":"e","event_id":"a"}]}`)
			mustPost(t, col.Handler(), "/api/v1/exposures", `{"source":"s","boot":"b","exposures":[
				{"seq":7,"time":1772366400000,"experiment":"e","variant":"v","phase":1,"unit":"user","unit_id":"u","revision":1}]}`)
			eventually.True(t, "an empty spool", func() bool { segments, _ := filepath.Glob(filepath.Join(c.Dir, "*.seg")); return len(segments) == 0 })
			stop()
			if err := col.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if calls < 4 {
				t.Errorf("the sink was called %d times, and failed twice", calls)
			}
			got := s.ids(t)
			for _, id := range []string{"a0", "b0", "7"} {
				if got[id] != 1 {
					t.Errorf("event %s is stored %d times: %v", id, got[id], got)
				}
			}
			if s.writes[0] != s.writes[1] || s.writes[1] != s.writes[2] {
				t.Errorf("a segment that failed was followed by another: %v", s.writes)
			}
		})
	}
}

// failures fails the first two calls.
func failures(call int) error {
	if call <= 2 {
		return errBucket
	}
	return nil
}

// TestSegmentWrittenTwice writes the segments of one spool into one directory twice, as after
// a crash between the write and the removal.
func TestSegmentWrittenTwice(t *testing.T) {
	s := &lines{dir: t.TempDir()}
	s.fault = func() (error, error) { return errBucket, nil }
	c := config(t, newBucket(), withSink(s))
	col := start(t, c)
	for i := range 20 {
		mustPost(t, col.Handler(), "/api/v1/track", fmt.Sprintf(`{"user_id":"u","event_name":"e","event_id":"%d-"}`, i))
	}
	if err := col.Close(t.Context()); !errors.Is(err, errBucket) {
		t.Fatalf("Close: %v", err)
	}
	s.fault = nil
	for range 2 {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(c.Dir)); err != nil {
			t.Fatal(err)
		}
		again := c
		again.Dir = copied
		if err := start(t, again).Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := s.ids(t)
	for i := range 20 {
		if id := fmt.Sprintf("%d-0", i); got[id] != 1 {
			t.Errorf("event %s is stored %d times", id, got[id])
		}
	}
	if len(s.writes) != 3 || s.writes[1] != s.writes[2] {
		t.Errorf("the segment was called %v", s.writes)
	}
}

// TestRefusedSegment: the collector sets aside a segment that a sink refuses, and stores the next.
func TestRefusedSegment(t *testing.T) {
	s := &lines{dir: t.TempDir()}
	calls := 0
	s.fault = func() (error, error) {
		if calls++; calls == 1 {
			return fmt.Errorf("%w: too much for one message", sink.ErrRefused), nil
		}
		return nil, nil
	}
	c := config(t, newBucket(), withSink(s), func(c *collector.Config) { c.SegmentSize = 1 })
	col := start(t, c)
	for _, id := range []string{"a", "b"} {
		mustPost(t, col.Handler(), "/api/v1/track", `{"user_id":"u","event_name":"e","event_id":"`+id+`"}`)
	}
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.ids(t); len(got) != 1 || got["b0"] != 1 {
		t.Errorf("stored are %v", got)
	}
	if kept, _ := filepath.Glob(filepath.Join(c.Dir, "*.seg.damaged")); len(kept) != 1 {
		t.Errorf("set aside are %v", kept)
	}
}
