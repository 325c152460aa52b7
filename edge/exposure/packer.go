package exposure

import (
	"github.com/klauspost/compress/zstd"
	"github.com/tinylib/msgp/msgp"

	"github.com/sortition-dev/sortition/bundle/event"
)

// The form of a body: an event.ExposureBatch as msgpack, with the names that it has in JSON, in
// one zstd frame. A batch of event.MaxExposures of the longest exposures is below
// event.MaxBatchBytes.
const (
	contentType     = "application/msgpack"
	contentEncoding = "zstd"
)

// packer encodes batches. It keeps its buffer. It is not safe for concurrent use.
type packer struct {
	source, boot string
	zstd         *zstd.Encoder
	plain        []byte
}

func newPacker(source, boot string) (*packer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(event.MaxBatchBytes))
	if err != nil {
		return nil, err
	}
	return &packer{source: source, boot: boot, zstd: z}, nil
}

// pack returns the body for exposures. It is new memory: a request that is given up may still read
// the body of the one before.
func (p *packer) pack(exposures []event.Exposure) []byte {
	b := msgp.AppendMapHeader(p.plain[:0], 3)
	b = msgp.AppendString(msgp.AppendString(b, "source"), p.source)
	b = msgp.AppendString(msgp.AppendString(b, "boot"), p.boot)
	b = msgp.AppendArrayHeader(msgp.AppendString(b, "exposures"), uint32(len(exposures)))
	for i := range exposures {
		b = appendExposure(b, &exposures[i])
	}
	p.plain = b
	return p.zstd.EncodeAll(b, nil)
}

func appendExposure(b []byte, x *event.Exposure) []byte {
	fields := uint32(8)
	if x.Override {
		fields++
	}
	b = msgp.AppendMapHeader(b, fields)
	b = msgp.AppendUint64(msgp.AppendString(b, "seq"), x.Seq)
	b = msgp.AppendInt64(msgp.AppendString(b, "time"), int64(x.Time))
	b = msgp.AppendString(msgp.AppendString(b, "experiment"), x.Experiment)
	b = msgp.AppendString(msgp.AppendString(b, "variant"), x.Variant)
	b = msgp.AppendInt(msgp.AppendString(b, "phase"), x.Phase)
	b = msgp.AppendString(msgp.AppendString(b, "unit"), x.Unit)
	b = msgp.AppendString(msgp.AppendString(b, "unit_id"), x.UnitID)
	b = msgp.AppendUint64(msgp.AppendString(b, "revision"), x.Revision)
	if x.Override {
		b = msgp.AppendBool(msgp.AppendString(b, "override"), true)
	}
	return b
}
