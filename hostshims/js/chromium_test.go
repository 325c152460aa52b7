package js

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// jobTimeout is how long a page may take for one job.
const jobTimeout = 2 * time.Minute

// page is a harness in a browser's page. The page fetches jobs and posts answers.
type page struct {
	jobs    chan []byte
	answers chan []byte
}

// harnessPage is the page. It imports the package without a build step.
const harnessPage = `<!doctype html><meta charset="utf-8"><title>harness</title><script type="module">
import { loadCore } from "./adapters/browser.js";
import { answer } from "./test/harness.js";

const core = await loadCore("./core.wasm");
for (let text = ""; ; ) {
  const response = await fetch("/next", { method: "POST", body: text });
  if (response.status !== 200) break;
  text = await answer(await response.text(), { core }).catch((error) => JSON.stringify({ error: String(error?.stack ?? error) }));
}
</script>`

// startChromium skips the test if Chromium is not installed.
func startChromium(t *testing.T) harness {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("CHROMIUM IS NOT INSTALLED: nothing was tried in a browser; install Debian's package chromium")
	}
	p := &page{make(chan []byte), make(chan []byte)}
	done := make(chan struct{})
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServer(http.Dir(".")))
	mux.HandleFunc("GET /page.html", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, harnessPage) // a page that goes away is noticed by the test
	})
	first := true
	mux.HandleFunc("POST /next", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if !first {
			select {
			case p.answers <- body:
			case <-done:
			}
		}
		first = false
		select {
		case job := <-p.jobs:
			_, _ = w.Write(job)
		case <-done:
			w.WriteHeader(http.StatusGone)
		}
	})
	s := httptest.NewServer(mux)
	output := new(safeBuffer)
	cmd := inGroup(exec.Command(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--user-data-dir="+filepath.Join(t.TempDir(), "profile"),
		s.URL+"/page.html"))
	cmd.Stderr = output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		close(done)
		stop(cmd)
		s.CloseClientConnections()
		s.Close()
		if t.Failed() {
			t.Logf("chromium wrote:\n%s", output)
		}
	})
	return p
}

func (p *page) do(job, answer any) error {
	body, err := json.Marshal(job)
	if err != nil {
		return err
	}
	timeout := time.After(jobTimeout)
	select {
	case p.jobs <- body:
	case <-timeout:
		return fmt.Errorf("the page does not ask for a job within %v", jobTimeout)
	}
	select {
	case text := <-p.answers:
		var failure struct{ Error string }
		if json.Unmarshal(text, &failure) == nil && failure.Error != "" {
			return fmt.Errorf("the page: %s", failure.Error)
		}
		return json.Unmarshal(text, answer)
	case <-timeout:
		return fmt.Errorf("the page does not answer within %v", jobTimeout)
	}
}
