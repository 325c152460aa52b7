package bundle

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/payload"
)

// Sealed is a bundle to publish. The objects must be in the bucket before the envelope is.
type Sealed struct {
	Manifest *Manifest
	Envelope []byte // to create as Manifest.Name(), and then to copy to LatestName
	Objects  []NamedObject
}

// NamedObject is an object to put into a bucket. Its name contains its hash, so an object that
// already has this name has the same bytes.
type NamedObject struct {
	Name string
	Data []byte
}

// Seal packs the raw payload and signs the manifest. It sets m.Payload, clears m.Applications,
// and truncates m.Created and m.Expires to whole seconds in UTC. All other fields must be set.
// The same input gives the same bytes.
func Seal(m Manifest, raw []byte, signers ...Signer) (*Sealed, error) {
	return SealAfter(m, raw, nil, signers...)
}

// SealAfter is like [Seal], and also makes deltas from earlier raw payloads, which are given
// newest first. It makes at most [MaxDeltas]. It makes none from a payload equal to the new one
// or to one before it in the list, none to or from payloads larger than [MaxDeltaPayload], and
// none that is not smaller than the payload packed with zstd.
func SealAfter(m Manifest, raw []byte, earlier [][]byte, signers ...Signer) (*Sealed, error) {
	return SealApplications(m, raw, earlier, nil, signers...)
}

// Part is the raw payload of one application, to seal beside the payload of all, and the
// application's earlier raw payloads, newest first.
type Part struct {
	Application string
	Payload     []byte
	Earlier     [][]byte

	// Known is the description of this payload in an earlier manifest, or nil if there is
	// none. Its objects are in the bucket already, so the payload is not packed again.
	Known *Payload
}

// SealApplications is like [SealAfter], for a directory that serves several applications. The
// parts must be in the order of the applications' names. Each part has at most an equal share
// of [MaxApplicationDeltas] deltas.
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

// pack packs the part, with at most the given number of deltas.
func (p *Part) pack(deltas int) (Payload, []NamedObject, error) {
	if p.Known == nil {
		return Pack(p.Payload, p.Earlier[:min(len(p.Earlier), deltas)])
	}
	known := *p.Known
	known.Deltas = known.Deltas[:min(len(known.Deltas), deltas)]
	return known, nil, known.Check(p.Payload)
}

// Pack packs a raw payload, with the deltas that [SealAfter] describes. It returns the
// description for the manifest and the objects that this names.
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
// returns nil bytes if the payload needs no delta from the earlier one.
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
