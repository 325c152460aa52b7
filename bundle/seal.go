package bundle

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/payload"
)

// Sealed is a bundle ready to be published: first the objects, then the envelope.
type Sealed struct {
	Manifest *Manifest
	Envelope []byte // to be created as Manifest.Name(), then copied to LatestName
	Objects  []NamedObject
}

// NamedObject is an object to be put into a bucket. Its name is made of its hash, so
// that an object of this name that is already there is this one.
type NamedObject struct {
	Name string
	Data []byte
}

// Seal packs the payload and signs the manifest. It sets m.Payload and m.Applications, of
// which there are none, and cuts m.Created and m.Expires to whole seconds in UTC; all other fields must be set. The same input
// gives the same bytes.
func Seal(m Manifest, raw []byte, signers ...Signer) (*Sealed, error) {
	return SealAfter(m, raw, nil, signers...)
}

// SealAfter is Seal with deltas from earlier raw payloads, the newest first: from each of
// the first MaxDeltas that differ, unless that delta would be no smaller than the packed
// payload. Payloads over MaxDeltaPayload have none.
func SealAfter(m Manifest, raw []byte, earlier [][]byte, signers ...Signer) (*Sealed, error) {
	return SealApplications(m, raw, earlier, nil, signers...)
}

// Part is the payload of an application, which is to be sealed beside the whole one, with
// the application's earlier payloads, the newest first.
type Part struct {
	Application string
	Payload     []byte
	Earlier     [][]byte

	// Known is what an earlier manifest says of this payload, whose objects are in the
	// bucket: it is not packed again. Nil if none does.
	Known *Payload
}

// SealApplications is SealAfter for a directory that serves several applications: the
// parts are in the order of their names. Together they have at most MaxApplicationDeltas,
// and each its share of these.
func SealApplications(m Manifest, raw []byte, earlier [][]byte, parts []Part, signers ...Signer) (*Sealed, error) {
	packed, objects, err := Pack(raw, earlier)
	if err != nil {
		return nil, err
	}
	m.Payload, m.Applications = packed, nil
	for _, part := range parts {
		packed, more, err := part.pack(MaxApplicationDeltas / len(parts))
		if err != nil {
			return nil, fmt.Errorf("application %q: %w", part.Application, err)
		}
		m.Applications = append(m.Applications, Application{part.Application, packed})
		objects = append(objects, more...)
	}
	m.Created, m.Expires = wholeSeconds(m.Created), wholeSeconds(m.Expires)
	m.complete()
	sealed, err := SignManifest(m, signers...)
	if err != nil {
		return nil, err
	}
	return &Sealed{Manifest: &m, Envelope: sealed, Objects: objects}, nil
}

// pack is Pack with so many deltas at most.
func (p *Part) pack(deltas int) (Payload, []NamedObject, error) {
	if p.Known == nil {
		return Pack(p.Payload, p.Earlier[:min(len(p.Earlier), deltas)])
	}
	known := *p.Known
	known.Deltas = known.Deltas[:min(len(known.Deltas), deltas)]
	return known, nil, known.Check(p.Payload)
}

// Pack packs a payload, with the deltas that SealAfter describes, and gives what a
// manifest says of it and the objects that it names.
func Pack(raw []byte, earlier [][]byte) (Payload, []NamedObject, error) {
	if len(raw) == 0 || len(raw) > payload.MaxSize {
		return Payload{}, nil, fmt.Errorf("the payload has %d bytes, it must have 1 to %d", len(raw), payload.MaxSize)
	}
	gzipped, err := packGzip(raw)
	if err != nil {
		return Payload{}, nil, fmt.Errorf("gzip the payload: %w", err)
	}
	zstded, err := packZstd(raw)
	if err != nil {
		return Payload{}, nil, fmt.Errorf("pack the payload with zstd: %w", err)
	}
	objects := []NamedObject{
		{PayloadName(HashOf(gzipped)), gzipped},
		{PayloadName(HashOf(zstded)), zstded},
	}
	p := Payload{Raw: digestOf(raw), Gzip: digestOf(gzipped), Zstd: digestOf(zstded)}
	for _, from := range earlier {
		d, packed, err := p.delta(from, raw)
		if err != nil {
			return Payload{}, nil, fmt.Errorf("make a delta: %w", err)
		}
		if packed != nil {
			p.Deltas = append(p.Deltas, d)
			objects = append(objects, NamedObject{DeltaName(d.Packed.SHA256), packed})
		}
	}
	return p, objects, nil
}

// delta makes the delta from an earlier payload to this one, whose raw bytes are to. It
// returns nil bytes if there is no use in one.
func (p *Payload) delta(from, to []byte) (Delta, []byte, error) {
	d := Delta{From: HashOf(from)}
	if len(p.Deltas) == MaxDeltas || len(from) == 0 || len(from) > MaxDeltaPayload || len(to) > MaxDeltaPayload ||
		d.From == p.Raw.SHA256 || p.deltaFrom(d.From) != nil {
		return Delta{}, nil, nil
	}
	packed, err := packDelta(from, to)
	if err != nil || int64(len(packed)) >= p.Zstd.Size {
		return Delta{}, nil, err
	}
	d.Packed = digestOf(packed)
	return d, packed, nil
}

func digestOf(data []byte) Digest { return Digest{HashOf(data), int64(len(data))} }
