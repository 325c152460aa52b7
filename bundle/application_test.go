package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// partsOf gives each application a payload of its own, with so many earlier ones.
func partsOf(earlier int, names ...string) []Part {
	var parts []Part
	for _, name := range names {
		part := Part{Application: name, Payload: append([]byte(name+" now "), testPayload...)}
		for i := range earlier {
			part.Earlier = append(part.Earlier, append(fmt.Appendf(nil, "%s before %d ", name, i), testPayload...))
		}
		parts = append(parts, part)
	}
	return parts
}

func sealParts(t testing.TB, m Manifest, parts []Part) *Sealed {
	t.Helper()
	s, err := SealApplications(m, testPayload, nil, parts, testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestApplicationsHavePayloadsOfTheirOwn(t *testing.T) {
	parts := partsOf(1, "ios", "web")
	s := sealParts(t, testManifest(), parts)
	m, err := testRoot(t, 1, testKey(1)).VerifyManifest(s.Envelope)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Equal(s.Manifest) {
		t.Errorf("sealed %+v, read %+v", s.Manifest, m)
	}
	objects := bucket{}.add(s)
	for i, part := range append(parts, Part{Payload: testPayload}) {
		got, err := Fetch(context.Background(), objects, m, part.Application, nil)
		if err != nil || !bytes.Equal(got.Payload, part.Payload) {
			t.Errorf("%q: %v, %.40q", part.Application, err, got.Payload)
		}
		if i < len(parts) && len(m.Applications[i].Payload.Deltas) != 1 {
			t.Errorf("%q has the deltas %v", part.Application, m.Applications[i].Payload.Deltas)
		}
	}
}

// A delta is applied to the payload that the bundle at hand has, which is that of its own
// application.
func TestDeltasOfApplications(t *testing.T) {
	parts := partsOf(1, "ios", "web")
	s := sealParts(t, testManifest(), parts)
	before := Bundle{Manifest: &Manifest{Revision: 6, Payload: s.Manifest.Payload}, Application: "web", Payload: parts[1].Earlier[0]}
	before.Manifest.Applications = []Application{{"web", Payload{Raw: digestOf(before.Payload)}}}
	got, err := Fetch(context.Background(), bucket{}.add(s), s.Manifest, "web", &before)
	if err != nil || got.Method != FetchDelta || !bytes.Equal(got.Payload, parts[1].Payload) {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestPayloadOf(t *testing.T) {
	s := sealParts(t, testManifest(), partsOf(0, "ios", "web"))
	if p, err := s.Manifest.PayloadOf(""); err != nil || p != &s.Manifest.Payload {
		t.Errorf("without a name: %v, %v", p, err)
	}
	if p, err := s.Manifest.PayloadOf("web"); err != nil || p != &s.Manifest.Applications[1].Payload {
		t.Errorf("web: %v, %v", p, err)
	}
	_, err := s.Manifest.PayloadOf("tv")
	if !errors.Is(err, ErrApplication) || !strings.Contains(err.Error(), `it has ["ios" "web"]`) {
		t.Errorf("tv: %v", err)
	}
	if _, err := Fetch(context.Background(), bucket{}, s.Manifest, "tv", nil); !errors.Is(err, ErrApplication) {
		t.Errorf("fetch tv: %v", err)
	}
	for _, name := range []string{"", "web"} {
		if p, err := seal(t, testManifest(), testKey(1)).Manifest.PayloadOf(name); err != nil || p.Raw != s.Manifest.Payload.Raw {
			t.Errorf("%q of a manifest without applications: %v, %v", name, p, err)
		}
	}
}

// TestTheLargestManifestFits seals a manifest in which everything is as long as it may be.
func TestTheLargestManifestFits(t *testing.T) {
	m := testManifest()
	m.Environment, m.Revision = strings.Repeat("e", MaxEnvironmentLength), MaxInteger
	m.Author, m.Message = strings.Repeat("a", MaxAuthorLength), strings.Repeat("m", MaxMessageLength)
	m.Canary = &Canary{Stable: MaxInteger - 1, Salt: strings.Repeat("s", MaxLabelLength), Share: 10_000}
	for i := range MaxHostLabels {
		l := Label{Name: fmt.Sprint(strings.Repeat("l", MaxLabelLength-1), i)}
		for j := range MaxLabelValues {
			l.Values = append(l.Values, fmt.Sprintf("%s%02d", strings.Repeat("v", MaxLabelLength-2), j))
		}
		m.Canary.Labels = append(m.Canary.Labels, l)
	}
	largest := func(deltas int) Payload {
		p := Payload{Raw: Digest{Size: payload.MaxSize}, Gzip: Digest{Size: MaxPayloadPacked}, Zstd: Digest{Size: MaxPayloadPacked}}
		for i := range deltas {
			p.Deltas = append(p.Deltas, Delta{From: Hash{byte(i + 1)}, Packed: Digest{Size: MaxPayloadPacked}})
		}
		return p
	}
	m.Payload = largest(MaxDeltas)
	for i := range model.MaxApplications {
		name := fmt.Sprintf("%s%02d", strings.Repeat("n", MaxApplicationLength-2), i)
		m.Applications = append(m.Applications, Application{name, largest((MaxApplicationDeltas + i) / model.MaxApplications)})
	}
	var signers []Signer
	for i := range MaxSignatures {
		signers = append(signers, testKey(byte(i+1)))
	}
	envelope, err := SignManifest(m, signers...)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of %d", len(envelope), MaxEnvelopeSize)
}

func TestDeltasOfManyApplicationsAreShared(t *testing.T) {
	names := make([]string, model.MaxApplications)
	for i := range names {
		names[i] = fmt.Sprintf("app%02d", i)
	}
	for _, a := range sealParts(t, testManifest(), partsOf(2, names...)).Manifest.Applications {
		if len(a.Payload.Deltas) != 1 {
			t.Fatalf("%s has %d deltas", a.Name, len(a.Payload.Deltas))
		}
	}
}

// What is in the bucket already is not packed again, and keeps as many deltas as there is
// room for.
func TestKnownPayloads(t *testing.T) {
	parts := partsOf(3, "ios", "web")
	before := sealParts(t, testManifest(), parts)
	known := before.Manifest.Applications[1].Payload
	parts[1] = Part{Application: "web", Payload: parts[1].Payload, Known: &known}
	after := sealParts(t, testManifest(), parts)
	if !after.Manifest.Equal(before.Manifest) || len(after.Objects) >= len(before.Objects) {
		t.Errorf("%d objects, %d before; the manifest says %+v", len(after.Objects), len(before.Objects), after.Manifest.Applications)
	}
	for i := range model.MaxApplications - 2 {
		parts = append(parts, Part{Application: fmt.Sprintf("web%02d", i), Payload: parts[1].Payload, Known: &known})
	}
	if got := sealParts(t, testManifest(), parts).Manifest.Applications[1].Payload; len(got.Deltas) != 1 || len(known.Deltas) != 3 {
		t.Errorf("%d deltas of %d", len(got.Deltas), len(known.Deltas))
	}
	parts[1].Payload = testPayload
	if _, err := SealApplications(testManifest(), testPayload, nil, parts, testKey(1)); !errors.Is(err, ErrMismatch) {
		t.Errorf("another payload than is known: %v", err)
	}
}

func TestApplicationsRefused(t *testing.T) {
	many := make([]string, model.MaxApplications+1)
	for i := range many {
		many[i] = fmt.Sprintf("app%02d", i)
	}
	for what, names := range map[string][]string{
		"descending": {"web", "ios"},
		"twice":      {"ios", "ios"},
		"no name":    {""},
		"upper case": {"iOS"},
		"a path":     {"../ios"},
		"too long":   {strings.Repeat("x", MaxApplicationLength+1)},
		"too many":   many,
	} {
		if _, err := SealApplications(testManifest(), testPayload, nil, partsOf(0, names...), testKey(1)); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: %v", what, err)
		}
	}
	m := *sealParts(t, testManifest(), partsOf(0, "ios", "web")).Manifest
	for i := range MaxApplicationDeltas + 1 {
		p := &m.Applications[i%2].Payload
		p.Deltas = append(p.Deltas, Delta{From: Hash{byte(i + 1)}, Packed: Digest{Size: 1}})
	}
	if _, err := SignManifest(m, testKey(1)); !errors.Is(err, ErrManifest) {
		t.Errorf("too many deltas: %v", err)
	}
	m.Applications = []Application{{"web", Payload{}}}
	if _, err := SignManifest(m, testKey(1)); !errors.Is(err, ErrManifest) {
		t.Errorf("an application without a payload: %v", err)
	}
}

// The field is written in one form, and by readers that do not know better not at all.
func TestFormOfApplications(t *testing.T) {
	root := testRoot(t, 1, testKey(1))
	none := string(payloadOf(t, seal(t, testManifest(), testKey(1)).Envelope))
	if strings.Contains(none, "applications") {
		t.Errorf("a manifest without applications says %s", none)
	}
	web := string(payloadOf(t, sealParts(t, testManifest(), partsOf(0, "web")).Envelope))
	for what, forged := range map[string]string{
		"an empty list":         strings.Replace(none, `"minimum_schema"`, `"applications":[],"minimum_schema"`, 1),
		"null":                  strings.Replace(none, `"minimum_schema"`, `"applications":null,"minimum_schema"`, 1),
		"an unknown field":      strings.Replace(web, `{"name":"web"`, `{"x":1,"name":"web"`, 1),
		"without the deltas":    strings.Replace(web, `,"deltas":[]}}]`, `}}]`, 1),
		"behind another field":  strings.Replace(none, `"message"`, `"applications":[],"message"`, 1),
		"a name of another key": strings.Replace(web, `"name":"web"`, `"Name":"web"`, 1),
	} {
		if forged == none || forged == web {
			t.Fatalf("%s: nothing is forged", what)
		}
		if _, err := root.VerifyManifest(signRaw(t, ManifestType, []byte(forged), testKey(1))); !errors.Is(err, ErrManifest) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
