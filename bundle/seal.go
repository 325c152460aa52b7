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
	return NewPacking(raw).Seal(m, earlier, parts, signers...)
}

// Seal is [SealApplications] for the packing's payload.
func (p *Packing) Seal(m Manifest, earlier [][]byte, parts []Part, signers ...Signer) (*Sealed, error) {
	packed, objects, err := p.Pack(earlier)
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
	return NewPacking(raw).Pack(earlier)
}

// Packing packs one raw payload, each form at most once. It is not safe for concurrent use.
type Packing struct {
	raw        []byte
	gzip, zstd []byte          // nil until they are made
	payload    Payload         // without deltas
	deltas     map[Hash][]byte // by the payload that they are from; nil for one that is not smaller
}

// NewPacking returns the packing of a raw payload, which must not change.
func NewPacking(raw []byte) *Packing { return &Packing{raw: raw, deltas: map[Hash][]byte{}} }

// Pack is the function [Pack] for the packing's payload.
func (p *Packing) Pack(earlier [][]byte) (Payload, []NamedObject, error) {
	if err := p.whole(); err != nil {
		return Payload{}, nil, err
	}
	packed := p.payload
	objects := []NamedObject{{PayloadName(packed.Gzip.SHA256), p.gzip}, {PayloadName(packed.Zstd.SHA256), p.zstd}}
	for _, from := range earlier {
		hash := HashOf(from)
		if len(packed.Deltas) == MaxDeltas || packed.deltaFrom(hash) != nil {
			continue
		}
		delta, err := p.delta(hash, from)
		if err != nil {
			return Payload{}, nil, fmt.Errorf("make a delta: %w", err)
		}
		if delta != nil {
			d := Delta{From: hash, Packed: digestOf(delta)}
			packed.Deltas = append(packed.Deltas, d)
			objects = append(objects, NamedObject{DeltaName(d.Packed.SHA256), delta})
		}
	}
	return packed, objects, nil
}

// whole packs the payload for hosts that have no earlier one.
func (p *Packing) whole() error {
	if p.zstd != nil {
		return nil
	}
	if len(p.raw) == 0 || len(p.raw) > payload.MaxSize {
		return fmt.Errorf("the payload has %d bytes, it must have 1 to %d", len(p.raw), payload.MaxSize)
	}
	var err error
	if p.gzip, err = packGzip(p.raw); err != nil {
		return fmt.Errorf("gzip the payload: %w", err)
	}
	if p.zstd, err = packZstd(p.raw); err != nil {
		return fmt.Errorf("pack the payload with zstd: %w", err)
	}
	p.payload = Payload{Raw: digestOf(p.raw), Gzip: digestOf(p.gzip), Zstd: digestOf(p.zstd)}
	return nil
}

// delta returns the delta from an earlier payload, or nil if hosts that have that one need none.
func (p *Packing) delta(hash Hash, from []byte) ([]byte, error) {
	if len(from) == 0 || len(from) > MaxDeltaPayload || len(p.raw) > MaxDeltaPayload || hash == p.payload.Raw.SHA256 {
		return nil, nil
	}
	delta, made := p.deltas[hash]
	if made {
		return delta, nil
	}
	delta, err := packDelta(from, p.raw)
	if err != nil {
		return nil, err
	}
	if int64(len(delta)) >= p.payload.Zstd.Size {
		delta = nil
	}
	p.deltas[hash] = delta
	return delta, nil
}

func digestOf(data []byte) Digest { return Digest{HashOf(data), int64(len(data))} }
