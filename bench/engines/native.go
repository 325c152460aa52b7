package engines

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Native is Sortition's core compiled as Go, as tools and tests use it.
type Native struct {
	requests []workload.Request
	bucket   memory
	root     *bundle.Root
	names    *request.Names
	engine   *assign.Engine
	request  request.Request
	sink     uint32
}

// Prepare implements contest.Contestant.
func (n *Native) Prepare(w *workload.Workload, bucket string) (err error) {
	n.requests = w.Requests
	if n.bucket, err = readBucket(bucket); err != nil {
		return err
	}
	n.root, err = bundle.ParseRoot(n.bucket[rootName])
	return err
}

// Open verifies and inflates the bundle, loads it, and runs its golden vectors.
func (n *Native) Open() error {
	b, err := bundle.Open(context.Background(), n.bucket, n.root, n.bucket[bundle.LatestName], environment)
	if err != nil {
		return err
	}
	var status assign.Status
	if n.engine, status = assign.Load(b.Payload); status != assign.OK {
		return status
	}
	reader, err := payload.NewReader(b.Payload)
	if err != nil {
		return err
	}
	if n.names, err = reader.Names(); err != nil {
		return err
	}
	vectors, err := reader.Vectors()
	if err != nil {
		return err
	}
	for i, v := range vectors {
		records, status := n.engine.AssignAll(v.Request)
		if status != assign.OK || !bytes.Equal(records, v.Records) {
			return fmt.Errorf("golden vector %d fails", i)
		}
	}
	return nil
}

// Close implements contest.Contestant.
func (n *Native) Close() error {
	n.engine = nil
	return nil
}

// One implements contest.Contestant.
func (n *Native) One(i int) error {
	encoded, err := fill(&n.request, &n.requests[i]).Encode(n.names)
	if err != nil {
		return err
	}
	record, status := n.engine.AssignOne(encoded, 0)
	if status != assign.OK {
		return status
	}
	n.sink += uint32(binary.LittleEndian.Uint16(record[4:]))
	return nil
}

func (n *Native) all(i int) ([]byte, error) {
	encoded, err := fill(&n.request, &n.requests[i]).Encode(n.names)
	if err != nil {
		return nil, err
	}
	records, status := n.engine.AssignAll(encoded)
	if status != assign.OK {
		return nil, status
	}
	return records, nil
}

// All implements contest.Contestant.
func (n *Native) All(i int) (int, error) {
	records, err := n.all(i)
	return len(records) / abi.RecordSize, err
}

// Matches implements contest.Contestant.
func (n *Native) Matches(i int) ([]int, error) {
	records, err := n.all(i)
	matched := []int{}
	for ; len(records) > 0; records = records[abi.RecordSize:] {
		matched = append(matched, int(binary.LittleEndian.Uint32(records)))
	}
	return matched, err
}
