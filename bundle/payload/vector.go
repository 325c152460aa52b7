package payload

import (
	"encoding/binary"
	"fmt"

	"github.com/sortition-dev/sortition/wasm/abi"
)

// Vector is a request with the records that every core must return for it.
type Vector struct {
	Request []byte // a request of wasm/ABI.md
	Records []byte // the records of assign_all
}

// Columns of the vectors. Each field of the records has a column of its own, because the
// differences of neighbouring values pack better than whole records do.
const (
	columnVectorRequest    = "vector.request"
	columnVectorRecordsEnd = "vector.records.end"
	columnVectorExperiment = "vector.experiment"
	columnVectorVariant    = "vector.variant"
	columnVectorReason     = "vector.reason"
	columnVectorRule       = "vector.rule"
)

var vectorColumns = []string{
	columnVectorRequest, columnVectorRecordsEnd, columnVectorExperiment, columnVectorVariant, columnVectorReason, columnVectorRule,
}

// Vectors adds the vectors, whose records must be whole. Their requests become the last texts,
// which no other column refers to. Columns that are added later must not add texts.
func (w *Writer) Vectors(vectors []Vector) {
	var requests, ends, experiments []uint32
	var variants []uint16
	var reasons, rules []uint8
	for _, v := range vectors {
		requests = append(requests, w.add(string(v.Request)))
		for r := v.Records; len(r) >= abi.RecordSize; r = r[abi.RecordSize:] {
			experiments = append(experiments, binary.LittleEndian.Uint32(r))
			variants = append(variants, binary.LittleEndian.Uint16(r[4:]))
			reasons, rules = append(reasons, r[6]), append(rules, r[7])
		}
		ends = append(ends, uint32(len(experiments)))
	}
	Column(w, columnVectorRequest, requests)
	Column(w, columnVectorRecordsEnd, ends)
	Column(w, columnVectorExperiment, experiments)
	Column(w, columnVectorVariant, variants)
	Column(w, columnVectorReason, reasons)
	Column(w, columnVectorRule, rules)
}

// Vectors returns the requests on which a host tries a payload before serving it.
func (r *Reader) Vectors() ([]Vector, error) {
	c := r.columnReader()
	requests, experiments := c.u32(columnVectorRequest), c.u32(columnVectorExperiment)
	variants, reasons, rules := c.u16(columnVectorVariant), c.u8(columnVectorReason), c.u8(columnVectorRule)
	if err := c.sameLength(len(experiments), len(variants), len(reasons), len(rules)); err != nil {
		return nil, err
	}
	records := make([]byte, 0, abi.RecordSize*len(experiments))
	for i := range experiments {
		records = binary.LittleEndian.AppendUint32(records, experiments[i])
		records = append(binary.LittleEndian.AppendUint16(records, variants[i]), reasons[i], rules[i])
	}
	vectors := make([]Vector, len(requests))
	for i, span := range c.parts(columnVectorRecordsEnd, len(requests), len(experiments)) {
		vectors[i] = Vector{[]byte(c.string(requests[i])), records[abi.RecordSize*int(span.from) : abi.RecordSize*int(span.to)]}
	}
	if c.err != nil {
		return nil, fmt.Errorf("vectors: %w", c.err)
	}
	return vectors, nil
}
