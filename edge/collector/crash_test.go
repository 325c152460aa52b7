package collector_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/collector"
	parquet "github.com/sortition-dev/sortition/edge/collector/sink/bucket"
	"github.com/sortition-dev/sortition/edge/exposure"
)

// crashDir is an environment variable. If it is set, the test binary runs a collector with spool
// and bucket in that directory, until it is killed or its parent ends.
const crashDir = "SORTITION_TEST_COLLECTOR_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, beCollector(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func crashConfig(dir string) (collector.Config, error) {
	bucket, err := store.NewDir(filepath.Join(dir, "bucket"))
	return collector.Config{
		Sink: parquet.New(bucket), Bucket: bucket, Dir: filepath.Join(dir, "spool"), APIKeys: []string{apiKey}, HashKey: hashKey,
		RotateEvery: 20 * time.Millisecond, SegmentSize: 8 << 10,
	}, err
}

func beCollector(dir string) error {
	c, err := crashConfig(dir)
	if err != nil {
		return err
	}
	col, err := collector.New(c)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go col.Run(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin) // ends with the parent
		os.Exit(1)
	}()
	fmt.Println(listener.Addr())
	return http.Serve(listener, col.Handler())
}

// child starts the collector process and returns its address.
func child(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the collector does not start: %v\n%s", err, stderr.String())
	}
	return cmd, strings.TrimSpace(address)
}

// The collector is killed at random times, while clients post and segments go to the bucket. In the
// end every acknowledged event is in the bucket once.
func TestKill9LosesNothingAcknowledged(t *testing.T) {
	const rounds, clients = 8, 4
	dir := t.TempDir()
	var mu sync.Mutex
	sent, acknowledged := make(map[string]bool), make(map[string]bool)

	for round := range rounds {
		cmd, address := child(t, dir)
		ctx, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		for client := range clients {
			work.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					var body bytes.Buffer
					var ids []string
					fmt.Fprintf(&body, `{"source":"c%d","boot":"r%d","exposures":[`, client, round)
					for j := range 5 {
						seq := 5*i + j + 1
						ids = append(ids, fmt.Sprintf("c%d/r%d/%d", client, round, seq))
						if j > 0 {
							body.WriteByte(',')
						}
						fmt.Fprintf(&body, `{"seq":%d,"time":%d,"experiment":"e","variant":"v","phase":1,"unit":"user","unit_id":"u%d","revision":1}`,
							seq, time.Now().UnixMilli(), i)
					}
					body.WriteString(`]}`)
					path := "/api/v1/exposures"
					if i%2 == 1 {
						path = "/api/v1/track"
						ids = []string{fmt.Sprintf("c%d-r%d-%d", client, round, i)}
						body.Reset()
						fmt.Fprintf(&body, `{"user_id":"u%d","event_name":"e","event_id":%q}`, i, ids[0])
					}
					mu.Lock()
					for _, id := range ids {
						sent[id] = true
					}
					mu.Unlock()
					if !deliver(ctx, "http://"+address+path, &body) {
						return
					}
					mu.Lock()
					for _, id := range ids {
						acknowledged[id] = true
					}
					mu.Unlock()
				}
			})
		}
		time.Sleep(20*time.Millisecond + rand.N(150*time.Millisecond))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		cancel()
		work.Wait()
	}

	c, err := crashConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := start(t, c).Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkEmpty(t, c.Dir)
	stored := make(map[string]int)
	walkObjects(t, filepath.Join(dir, "bucket"), func(name string, data []byte) {
		if strings.HasPrefix(name, event.ExposuresPrefix) {
			for _, e := range readRows[event.StoredExposure](t, data) {
				stored[fmt.Sprintf("%s/%s/%d", e.Source, e.Boot, e.Seq)]++
			}
			return
		}
		for _, o := range readRows[event.StoredOutcome](t, data) {
			stored[o.ID]++
		}
	})
	for id := range acknowledged {
		if stored[id] != 1 {
			t.Errorf("%s was acknowledged and is stored %d times", id, stored[id])
		}
	}
	for id, n := range stored {
		if n > 1 || !sent[id] {
			t.Errorf("%s is stored %d times; sent: %t", id, n, sent[id])
		}
	}
	if len(acknowledged) < rounds*clients {
		t.Errorf("only %d events were acknowledged", len(acknowledged))
	}
	t.Logf("%d events sent, %d acknowledged, %d stored, %d kills", len(sent), len(acknowledged), len(stored), rounds)
}

// A host's queue sends to a collector that is killed again and again. All of its exposures are
// stored, and readers can detect repetitions by (source, boot, seq).
func TestQueueDeliversThroughKills(t *testing.T) {
	dir := t.TempDir()
	address := make(chan string, 1)
	var current string
	transport := &redirect{target: func() string {
		select {
		case current = <-address:
		default:
		}
		return current
	}}
	q, err := exposure.New(exposure.Config{
		Endpoint: "http://collector.test", APIKey: apiKey, Source: "edge-1", Interval: 2 * time.Millisecond,
		HTTPClient: &http.Client{Transport: transport},
	})
	if err != nil {
		t.Fatal(err)
	}
	const rounds, each = 4, 300
	for round := range rounds {
		cmd, at := child(t, dir)
		address <- at
		for i := range each {
			q.Add(event.Exposure{Experiment: "e", Variant: "v", Phase: 1, Unit: "user", UnitID: fmt.Sprint(round, "/", i)})
			time.Sleep(rand.N(200 * time.Microsecond))
		}
		if round == rounds-1 {
			if err := q.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
	}
	if s := q.Stats(); s.Emitted != rounds*each || s.Sent != s.Emitted {
		t.Errorf("%+v, want all sent", s)
	}
	c, err := crashConfig(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := start(t, c).Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	units := make(map[uint64]string)
	walkObjects(t, filepath.Join(dir, "bucket"), func(_ string, data []byte) {
		for _, e := range readRows[event.StoredExposure](t, data) {
			if earlier, ok := units[e.Seq]; ok && earlier != e.UnitHash || e.Boot != q.Boot() || e.Source != "edge-1" {
				t.Errorf("a number of two exposures, or of another source: %+v", e)
			}
			units[e.Seq] = e.UnitHash
		}
	})
	for round := range rounds {
		for i := range each {
			seq := uint64(round*each + i + 1)
			if units[seq] != hashOf("user", fmt.Sprint(round, "/", i)) {
				t.Errorf("exposure %d is missing", seq)
			}
		}
	}
}

// redirect sends requests to the collector that is running.
type redirect struct{ target func() string }

func (r *redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Host = r.target()
	return http.DefaultTransport.RoundTrip(req)
}

// deliver reports whether the request was acknowledged.
func deliver(ctx context.Context, url string, body io.Reader) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return false
	}
	r.Header.Set("Authorization", "Bearer "+apiKey)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode == http.StatusAccepted
}

func walkObjects(t *testing.T, root string, visit func(name string, data []byte)) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".parquet") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, path))
		visit(path, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
