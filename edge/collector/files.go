package collector

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/collector/spool"
)

// file is an object to be.
type file struct {
	name string
	data []byte
}

// tally counts the events of a segment.
type tally struct {
	exposures, outcomes                   int // stored
	duplicateExposures, duplicateOutcomes int // left out
}

// partition is a part of the bucket that one segment adds at most one file to.
type partition struct {
	prefix string // event.ExposuresPrefix or event.OutcomesPrefix
	hour   int64  // of acceptance, in hours since the Unix epoch
}

// rows are the rows of one segment, by partition. An event that a client sent twice into
// the segment is one row; across segments, readers leave duplicates out.
type rows struct {
	exposures map[partition][]event.StoredExposure
	outcomes  map[partition][]event.StoredOutcome
	tally     tally
}

func readRows(blobs [][]byte) (*rows, error) {
	r := &rows{
		exposures: make(map[partition][]event.StoredExposure),
		outcomes:  make(map[partition][]event.StoredOutcome),
	}
	type exposureID struct {
		source, boot string
		seq          uint64
	}
	seenExposures := make(map[exposureID]bool)
	seenOutcomes := make(map[string]bool)
	for _, blob := range blobs {
		b, err := decodeBatch(blob)
		if err != nil {
			return nil, err
		}
		hour := time.UnixMilli(b.Received).Unix() / int64(time.Hour/time.Second)
		for i := range b.Exposures {
			x := &b.Exposures[i]
			id := exposureID{b.Source, b.Boot, x.Seq}
			if seenExposures[id] {
				r.tally.duplicateExposures++
				continue
			}
			seenExposures[id] = true
			p := partition{event.ExposuresPrefix, hour}
			r.exposures[p] = append(r.exposures[p], x.stored(b))
			r.tally.exposures++
		}
		for i := range b.Outcomes {
			o := &b.Outcomes[i]
			if seenOutcomes[o.ID] {
				r.tally.duplicateOutcomes++
				continue
			}
			seenOutcomes[o.ID] = true
			p := partition{event.OutcomesPrefix, hour}
			r.outcomes[p] = append(r.outcomes[p], o.stored(b))
			r.tally.outcomes++
		}
	}
	return r, nil
}

func (x *exposure) stored(b *batch) event.StoredExposure {
	return event.StoredExposure{
		Source: b.Source, Boot: b.Boot, Seq: x.Seq, Time: x.Time, Received: b.Received,
		Experiment: x.Experiment, Variant: x.Variant, Epoch: x.Epoch,
		Unit: x.Unit, UnitHash: hex.EncodeToString(x.UnitHash[:]),
		Revision: x.Revision, Override: x.Override,
	}
}

func (o *outcome) stored(b *batch) event.StoredOutcome {
	return event.StoredOutcome{
		ID: o.ID, Time: o.Time, Received: b.Received, Event: o.Event,
		Unit: o.Unit, UnitHash: hex.EncodeToString(o.UnitHash[:]), Properties: o.Properties,
	}
}

// files returns the files of a segment: the same ones whenever it is called. Their names
// hold a hash of the segment's blobs, so that an object of the same name has the same
// events, whoever wrote it.
func (r *rows) files(seg spool.Segment, blobs [][]byte) ([]file, error) {
	digest := xxhash.New()
	for _, blob := range blobs {
		digest.Write(blob)
	}
	base := fmt.Sprintf("%s-%012d-%016x.parquet", seg.Boot, seg.Number, digest.Sum64())
	files, err := appendFiles(nil, base, r.exposures)
	if err != nil {
		return nil, err
	}
	return appendFiles(files, base, r.outcomes)
}

func appendFiles[Row any](files []file, base string, parts map[partition][]Row) ([]file, error) {
	byHour := slices.SortedFunc(maps.Keys(parts), func(a, b partition) int { return cmp.Compare(a.hour, b.hour) })
	for _, p := range byHour {
		var data bytes.Buffer
		err := parquet.Write(&data, parts[p], parquet.Compression(&zstd.Codec{}), parquet.CreatedBy("sortition", "1", ""))
		if err != nil {
			return nil, fmt.Errorf("cannot write Parquet: %w", err)
		}
		start := time.Unix(p.hour*int64(time.Hour/time.Second), 0).UTC()
		files = append(files, file{p.prefix + start.Format(event.PartitionLayout) + base, data.Bytes()})
	}
	return files, nil
}
