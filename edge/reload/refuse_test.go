package reload

import (
	"bytes"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// TestAttacks has a host on revision 5. The host stays on it during every attack on the bucket, and
// counts the reason.
func TestAttacks(t *testing.T) {
	// hint replaces the hint by what forge makes of revision 6, whose payload is there.
	hint := func(forge func(*bundle.Manifest) *bundle.PrivateKey) func(*world) {
		return func(w *world) {
			m := manifest(6)
			key := forge(&m)
			s := seal(w.t, m, key)
			for _, o := range s.Objects {
				w.put(o.Name, o.Data)
			}
			w.put(bundle.LatestName, s.Envelope)
		}
	}
	good := func(w *world) *bundle.Sealed { return seal(w.t, manifest(6), publisherKey) }

	for _, row := range []struct {
		attack string
		do     func(*world)
		want   Reason
	}{
		{"junk as hint", func(w *world) { w.put(bundle.LatestName, []byte("junk")) }, ReasonEnvelope},
		{"an empty hint", func(w *world) { w.put(bundle.LatestName, nil) }, ReasonEnvelope},
		{"an endless hint", func(w *world) { w.put(bundle.LatestName, make([]byte, bundle.MaxEnvelopeSize+1)) }, ReasonTooLarge},
		{"a flipped bit", func(w *world) { w.put(bundle.LatestName, flip(good(w).Envelope)) }, ReasonSignature},
		{"another form of the same JSON", func(w *world) { w.put(bundle.LatestName, pad(w.t, good(w).Envelope)) }, ReasonEnvelope},
		{"a stranger's signature", hint(func(*bundle.Manifest) *bundle.PrivateKey { return strangerKey }), ReasonSignature},
		{"another environment", hint(func(m *bundle.Manifest) *bundle.PrivateKey {
			m.Environment = "staging"
			return publisherKey
		}), ReasonEnvironment},
		{"an epoch of which the root knows nothing", hint(func(m *bundle.Manifest) *bundle.PrivateKey {
			m.Epoch = 2
			return publisherKey
		}), ReasonEpoch},
		{"a payload for a newer program", hint(func(m *bundle.Manifest) *bundle.PrivateKey {
			m.MinimumSchema = payload.Schema + 1
			return publisherKey
		}), ReasonSchema},
		{"an old hint", func(w *world) { w.put(bundle.LatestName, w.get(bundle.ManifestName(1, 4))) }, ReasonOlder},
		{"another content of the same revision", hint(func(m *bundle.Manifest) *bundle.PrivateKey {
			m.Revision, m.Message = 5, "other"
			return publisherKey
		}), ReasonEquivocation},
		{"a missing payload", func(w *world) { w.put(bundle.LatestName, good(w).Envelope) }, ReasonPayloadMissing},
		{"flipped payloads", func(w *world) {
			s := w.publish(6)
			for _, o := range s.Objects {
				w.put(o.Name, flip(o.Data))
			}
		}, ReasonPayload},
		{"an endless payload", func(w *world) {
			s := w.publish(6)
			for _, o := range s.Objects {
				w.put(o.Name, append(bytes.Clone(o.Data), make([]byte, 1<<20)...))
			}
		}, ReasonPayload},
		{"the payload of another revision", func(w *world) {
			s, other := w.publish(6), seal(w.t, manifest(4), publisherKey)
			for i, o := range s.Objects {
				w.put(o.Name, other.Objects[i].Data)
			}
		}, ReasonPayload},
		{"junk as the next manifest", func(w *world) {
			w.put(bundle.ManifestName(1, 6), []byte("junk"))
			w.lookOften()
		}, ReasonEnvelope},
		{"an endless next manifest", func(w *world) {
			w.put(bundle.ManifestName(1, 6), make([]byte, bundle.MaxEnvelopeSize+1))
			w.lookOften()
		}, ReasonTooLarge},
		{"an old manifest as the next", func(w *world) {
			w.put(bundle.ManifestName(1, 6), w.get(bundle.ManifestName(1, 3)))
			w.lookOften()
		}, ReasonOlder},
	} {
		t.Run(row.attack, func(t *testing.T) {
			w := newWorld(t)
			for n := uint64(3); n <= 5; n++ {
				w.publish(n)
			}
			w.look()
			w.serves(5)
			row.do(w)
			w.look()
			w.serves(5)
			if got := w.Status().Rejected[row.want]; got == 0 {
				t.Errorf("not counted as %s: %v", row.want, w.Status().Rejected)
			}
			for reason, n := range w.Status().Rejected {
				if reason != row.want && n != 0 {
					t.Errorf("counted as %s too", reason)
				}
			}
			if s := w.Status(); s.LastReason != row.want || s.LastError == "" {
				t.Errorf("last error %q, reason %s; want %s", s.LastError, s.LastReason, row.want)
			}

			w.restart()
			w.serves(5)

			w.publish(7)
			w.look()
			w.serves(7)
		})
	}
}

func TestEveryReasonHasAdvice(t *testing.T) {
	if len(Reasons()) != len(advice) {
		t.Errorf("%d reasons, advice on %d", len(Reasons()), len(advice))
	}
	for _, r := range Reasons() {
		if r.Advice() == "" {
			t.Errorf("no advice on %s", r)
		}
	}
}

func TestRepeatedTroubleIsLoggedOnce(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.put(bundle.ManifestName(1, 2), []byte("junk"))
	for range 4 {
		w.lookOften()
	}
	if n := bytes.Count(w.log.Bytes(), []byte("level=WARN")); n != 1 {
		t.Errorf("logged %d times:\n%s", n, &w.log)
	}
	if n := w.Status().Rejected[ReasonEnvelope]; n < 3 {
		t.Errorf("counted %d times", n)
	}
}

func TestReSignedRevisionIsNoEquivocation(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	s, err := bundle.Seal(manifest(1), payloadOf(1), publisherKey, strangerKey)
	if err != nil {
		t.Fatal(err)
	}
	w.put(bundle.LatestName, s.Envelope)
	w.look()
	w.serves(1)
	w.rejected(nil)
}
