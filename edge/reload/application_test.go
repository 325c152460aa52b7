package reload

import (
	"bytes"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

// publishParts publishes revision n with a payload for each application. The payload begins with
// the application's name, and has a delta from that of the revision before.
func (w *world) publishParts(n uint64, applications ...string) {
	w.t.Helper()
	var parts []bundle.Part
	for _, name := range applications {
		parts = append(parts, bundle.Part{Application: name, Payload: partOf(name, n), Earlier: [][]byte{partOf(name, n-1)}})
	}
	s, err := bundle.SealApplications(manifest(n), payloadOf(n), nil, parts, publisherKey)
	if err != nil {
		w.t.Fatal(err)
	}
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
}

func partOf(application string, n uint64) []byte {
	return append([]byte(application+" "), payloadOf(n)...)
}

// has checks the active revision and the application of its payload.
func (w *world) has(n uint64, application string) {
	w.t.Helper()
	want := payloadOf(n)
	if application != "" {
		want = partOf(application, n)
	}
	if w.active == nil || w.active.Manifest.Revision != n || !bytes.Equal(w.active.Payload, want) {
		w.t.Fatalf("want revision %d of %q, got %+v; last error: %s", n, application, w.active, w.Status().LastError)
	}
	if got := w.Status().Application; got != w.application {
		w.t.Errorf("status is about application %q", got)
	}
}

func TestApplicationsTakeTheirOwn(t *testing.T) {
	for _, application := range []string{"", "ios", "web"} {
		w := newWorld(t)
		w.application = application
		w.publishParts(1, "ios", "web")
		w.restart()
		w.has(1, application)
		w.publishParts(2, "ios", "web")
		w.look()
		w.has(2, application)
		if delta := w.Status().Fetched[bundle.FetchDelta].Payloads; application != "" && delta != 1 {
			t.Errorf("%q: %d deltas were of use", application, delta)
		}
		w.broken = down
		w.restart()
		w.has(2, application)
		w.rejected(nil)
	}
}

// A manifest without applications is for all of them: a rollback to a revision from before there
// were applications reaches every host.
func TestWithoutApplicationsAllHaveEverything(t *testing.T) {
	w := newWorld(t)
	w.application = "web"
	w.publishParts(1, "ios", "web")
	w.restart()
	w.publish(2)
	w.look()
	w.has(2, "")
	w.broken = down
	w.restart()
	w.has(2, "")
	w.rejected(nil)
}

func TestUnknownApplicationKeepsTheLastGood(t *testing.T) {
	w := newWorld(t)
	w.application = "web"
	w.publishParts(1, "ios", "web")
	w.restart()
	w.publishParts(2, "ios")
	w.look()
	w.has(1, "web")
	w.rejected(map[Reason]uint64{ReasonApplication: 2}) // as the hint, and where the walk finds it
	if got, want := w.Status().LastError, `m/1/2.json: manifest has no such application: revision 2 has no application "web"; it has ["ios"]`; got != want {
		t.Errorf("last error %q, want %q", got, want)
	}
	w.restart()
	w.has(1, "web")
	w.publishParts(3, "ios", "web")
	w.look()
	w.has(3, "web")
}

// A host that restarts with another application does not serve the payload that was kept for the
// first one, and does not accept older revisions.
func TestAnotherApplicationAfterARestart(t *testing.T) {
	for _, application := range []string{"", "ios", "tv"} {
		w := newWorld(t)
		w.application = "web"
		w.publishParts(1, "ios", "web")
		w.publishParts(2, "ios", "web")
		w.restart()
		w.has(2, "web")
		latest := w.get(bundle.LatestName)

		w.application, w.broken = application, down
		w.restart()
		if w.active != nil {
			t.Fatalf("%q serves the payload %.20q", application, w.active.Payload)
		}
		w.broken = nil
		w.put(bundle.LatestName, w.get(bundle.ManifestName(1, 1)))
		w.restart()
		if w.active != nil {
			t.Fatalf("%q went back to revision %d", application, w.active.Manifest.Revision)
		}
		w.put(bundle.LatestName, latest)
		w.look()
		if application == "tv" {
			if w.active != nil || w.Status().LastReason != ReasonApplication {
				t.Errorf("tv is served revision %d, refused for %q", w.Status().Revision, w.Status().LastReason)
			}
			continue
		}
		w.has(2, application)
	}
}

func TestNamesOfApplicationsAreChecked(t *testing.T) {
	w := newWorld(t)
	if _, err := New(Config{Source: w.bucket, Root: w.root, Environment: "production", Application: "../web", Prepare: w.config.Prepare}); err == nil {
		t.Error("../web is an application")
	}
}
