package collector_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/collector"
	parquet "github.com/sortition-dev/sortition/edge/collector/sink/bucket"
	"github.com/sortition-dev/sortition/edge/eventually"
)

// running runs a collector until the test ends or stop is called.
func running(t *testing.T, col *collector.Collector) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := col.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

func TestRotation(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*collector.Config)
	}{
		{"by time", func(c *collector.Config) { c.RotateEvery = time.Millisecond }},
		{"by size", func(c *collector.Config) { c.SegmentSize = 1 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBucket()
			c := config(t, b, tt.spoil)
			col := start(t, c)
			stop := running(t, col)
			for i := range 3 {
				mustPost(t, col.Handler(), "/api/v1/track", `{"user_id":"u","event_name":"e"}`)
				eventually.True(t, "an upload", func() bool { return len(b.names()) == i+1 })
			}
			stop()
			if err := col.Close(t.Context()); err != nil {
				t.Error(err)
			}
			checkEmpty(t, c.Dir)
		})
	}
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(dir, "*.seg*"))
	if err != nil || len(segments) != 0 {
		t.Errorf("left in the spool: %v %v", segments, err)
	}
}

// A crash between upload and removal makes the next collector send the segment again:
// under the same names, with the same bytes.
func TestShippingAgainChangesNothing(t *testing.T) {
	now := noon.Add(-time.Second)
	refusing := newBucket()
	refusing.fault = func(string) (error, error) { return errBucket, nil }
	c := config(t, refusing, func(c *collector.Config) {
		c.Now = func() time.Time { now = now.Add(500 * time.Millisecond); return now }
	})
	col := start(t, c)
	for i := range 4 {
		for seq := range 50 {
			mustPost(t, col.Handler(), "/api/v1/exposures", fmt.Sprintf(`{"source":"s","boot":"b","exposures":[
				{"seq":%d,"time":1772366400000,"experiment":"e%d","variant":"v","phase":1,"unit":"user","unit_id":"u%d","revision":1}]}`, 1+seq+50*i, seq%7, seq))
		}
		mustPost(t, col.Handler(), "/api/v1/track", fmt.Sprintf(`{"user_id":"u%d","event_name":"e","properties":{"b":1,"a":2}}`, i))
	}
	if err := col.Close(t.Context()); err == nil || !strings.Contains(err.Error(), "1 segments") || !strings.Contains(err.Error(), c.Dir) {
		t.Errorf("Close: %v, want the count of what stays, and where", err)
	}

	ship := func() map[string][]byte {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(c.Dir)); err != nil {
			t.Fatal(err)
		}
		b := newBucket()
		col := start(t, config(t, b, func(c *collector.Config) { c.Dir = dir }))
		if err := col.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		return b.objects
	}
	first, second := ship(), ship()
	if !maps.EqualFunc(first, second, bytes.Equal) {
		t.Error("two shipments of one segment differ")
	}
	hours := make(map[string]int)
	for name := range first {
		hours[name[:strings.LastIndexByte(name, '/')]]++
	}
	want := map[string]int{
		"events/exposures/date=2026-03-01/hour=11": 1, "events/exposures/date=2026-03-01/hour=12": 1,
		"events/outcomes/date=2026-03-01/hour=12": 1,
	}
	if !maps.Equal(hours, want) {
		t.Errorf("files by partition: %v, want %v", hours, want)
	}

	b := newBucket()
	b.objects = first
	c.Sink, c.Metrics = parquet.New(b), nil
	col = start(t, c)
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.names()) != len(want) {
		t.Errorf("objects after the repetition: %v", b.names())
	}
	checkEmpty(t, c.Dir)
}

// The bucket fails half of the time, and half of these times after it has stored the object. No
// event is lost or stored twice.
func TestFaultyBucket(t *testing.T) {
	b := newBucket()
	rng := rand.New(rand.NewPCG(1, 1))
	var faults atomic.Int32
	b.fault = func(string) (before, after error) {
		switch rng.IntN(4) {
		case 0:
			faults.Add(1)
			return errBucket, nil
		case 1:
			faults.Add(1)
			return nil, errBucket
		}
		return nil, nil
	}
	c := config(t, b, func(c *collector.Config) { c.RotateEvery = time.Millisecond })
	const rounds, each = 12, 10
	for round := range rounds {
		col := start(t, c)
		stop := running(t, col)
		for i := range each {
			mustPost(t, col.Handler(), "/api/v1/track", fmt.Sprintf(`{"user_id":"u","event_name":"e","event_id":"%d-%d"}`, round, i))
		}
		stop()
		_ = col.Close(t.Context()) // fails when the bucket does; the next round goes on
	}
	b.fault = nil
	col := start(t, c)
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if faults.Load() == 0 {
		t.Error("the bucket never failed")
	}
	got := make(map[string]int)
	for _, o := range b.outcomes(t) {
		got[o.ID]++
	}
	for round := range rounds {
		for i := range each {
			if id := fmt.Sprintf("%d-%d", round, i); got[id] != 1 {
				t.Errorf("event %s was stored %d times", id, got[id])
			}
		}
	}
	checkEmpty(t, c.Dir)
}

func TestRunRetriesUntilTheBucketIsBack(t *testing.T) {
	b := newBucket()
	var calls atomic.Int32
	b.fault = func(string) (before, after error) {
		if calls.Add(1) <= 2 {
			return errBucket, nil
		}
		return nil, nil
	}
	col := start(t, config(t, b, func(c *collector.Config) { c.SegmentSize = 1 }))
	stop := running(t, col)
	mustPost(t, col.Handler(), "/api/v1/track", `{"user_id":"u","event_name":"e"}`)
	eventually.True(t, "the upload after two failures", func() bool { return len(b.names()) == 1 })
	stop()
	if err := col.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, text := get(col.Handler(), "/metrics"); !strings.Contains(text, "sortition_collector_upload_failures_total 2\n") {
		t.Error("/metrics does not count two failures")
	}
}

func TestFullSpoolAnswers503AndLosesNothing(t *testing.T) {
	b := newBucket()
	b.fault = func(string) (error, error) { return errBucket, nil }
	c := config(t, b, func(c *collector.Config) { c.Budget = collector.MinBudget })
	col := start(t, c)
	properties := strings.Repeat("x", event.MaxPropertyBytes/2)
	accepted := 0
	for range 100 { // 40 MB
		one := fmt.Sprintf(`{"user_id":"u","event_name":"e","properties":{"p":%q}}`, properties)
		w := post(col.Handler(), "/api/v1/track/batch", `{"events":[`+strings.Repeat(one+",", event.MaxOutcomes-1)+one+`]}`)
		if w.Code == http.StatusAccepted {
			accepted++
			continue
		}
		checkProblem(t, w, http.StatusServiceUnavailable, "the spool is full; send the same events again later")
		if w.Header().Get("Retry-After") != "5" {
			t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
		}
		break
	}
	if code, body := get(col.Handler(), "/readyz"); code != 503 || !strings.Contains(body, "faster than they can be stored") {
		t.Errorf("/readyz: %d %s", code, body)
	}
	if code, _ := get(col.Handler(), "/healthz"); code != 200 {
		t.Errorf("/healthz: %d", code)
	}

	b.mu.Lock()
	b.fault = nil
	b.mu.Unlock()
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := len(b.outcomes(t)), accepted*event.MaxOutcomes; got != want || accepted == 0 || accepted == 100 {
		t.Errorf("%d outcomes stored, %d acknowledged", got, want)
	}
	col = start(t, c)
	defer col.Close(t.Context())
	mustPost(t, col.Handler(), "/api/v1/track", `{"user_id":"u","event_name":"e"}`)
}

func TestDamagedSegmentIsSetAside(t *testing.T) {
	b := newBucket()
	b.fault = func(string) (error, error) { return errBucket, nil }
	c := config(t, b, func(c *collector.Config) { c.SegmentSize = 1 })
	for i := range 2 { // the second keeps the first from being the newest
		col := start(t, c)
		for j := range 2 {
			mustPost(t, col.Handler(), "/api/v1/track", fmt.Sprintf(`{"user_id":"u","event_name":"e","event_id":"%d-%d"}`, i, j))
		}
		col.Close(t.Context())
	}
	segments, err := filepath.Glob(filepath.Join(c.Dir, "*.seg"))
	if err != nil || len(segments) != 4 {
		t.Fatalf("segments %v %v, want 4", segments, err)
	}
	data, err := os.ReadFile(segments[1])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(segments[1], data, 0o600); err != nil {
		t.Fatal(err)
	}

	b.fault = nil
	col := start(t, c)
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range b.outcomes(t) {
		ids = append(ids, o.ID)
	}
	if got, want := strings.Join(ids, " "), "0-0 1-0 1-1"; len(ids) != 3 || !sameWords(got, want) {
		t.Errorf("stored %q, want %q", got, want)
	}
	if kept, err := os.ReadFile(segments[1] + ".damaged"); err != nil || !bytes.Equal(kept, data) {
		t.Errorf("the damaged file: %v", err)
	}
	if _, text := get(col.Handler(), "/metrics"); !strings.Contains(text, "sortition_collector_damaged_segments_total 1\n") {
		t.Error("/metrics does not count the damaged segment")
	}
}

func sameWords(a, b string) bool {
	count := make(map[string]int)
	for _, w := range strings.Fields(a) {
		count[w]++
	}
	for _, w := range strings.Fields(b) {
		count[w]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestConcurrentClients(t *testing.T) {
	b := newBucket()
	c := config(t, b, func(c *collector.Config) { c.RotateEvery = 2 * time.Millisecond })
	col := start(t, c)
	stop := running(t, col)
	const clients, each = 16, 30
	var work sync.WaitGroup
	for client := range clients {
		work.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", client, i)
				var w int
				if i%2 == 0 {
					w = post(col.Handler(), "/api/v1/track", `{"user_id":"u","event_name":"e","event_id":"`+id+`"}`).Code
				} else {
					w = post(col.Handler(), "/api/v1/exposures", fmt.Sprintf(`{"source":"s%d","boot":"b","exposures":[
						{"seq":%d,"time":1772366400000,"experiment":"e","variant":"v","phase":1,"unit":"user","unit_id":"u","revision":1}]}`, client, i)).Code
				}
				if w != http.StatusAccepted {
					t.Errorf("event %s: %d", id, w)
				}
				if i%10 == 0 {
					get(col.Handler(), "/metrics")
				}
			}
		})
	}
	work.Wait()
	stop()
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored := make(map[string]int)
	for _, o := range b.outcomes(t) {
		stored[o.ID]++
	}
	for _, e := range b.exposures(t) {
		stored[fmt.Sprintf("%s-%d", e.Source[1:], e.Seq)]++
	}
	for client := range clients {
		for i := range each {
			if id := fmt.Sprintf("%d-%d", client, i); stored[id] != 1 {
				t.Errorf("event %s was stored %d times", id, stored[id])
			}
		}
	}
}
