// Package native decides on a compiled payload with the core as Go code, for commands that
// check a payload before it is published.
//
// This package is internal to Sortition and may change without notice.
package native

import (
	"encoding/binary"
	"fmt"
	"iter"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Core decides on one payload. One goroutine may use it at a time.
type Core struct {
	engine *assign.Engine
	names  *request.Names
}

// Decision is the decision for a unit in an experiment or flag. Experiments and variants
// are numbered as in the payload; Variant is model.None for none.
type Decision struct {
	Experiment, Variant int
	Reason              abi.Reason
}

// Load returns a core for a payload.
func Load(reader *payload.Reader) (*Core, error) {
	names, err := reader.Names()
	if err != nil {
		return nil, err
	}
	engine, status := assign.Load(reader.Raw())
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the payload: %w", status)
	}
	return &Core{engine, names}, nil
}

// Compile returns a core for a program.
func Compile(program *model.Program) (*Core, error) {
	raw, err := compile.Payload(program)
	if err != nil {
		return nil, err
	}
	reader, err := payload.NewReader(raw)
	if err != nil {
		return nil, err
	}
	return Load(reader)
}

// One decides one experiment or flag for a request.
func (c *Core) One(r *request.Request, experiment int) (Decision, error) {
	encoded, err := r.Encode(c.names)
	if err != nil {
		return Decision{}, err
	}
	record, status := c.engine.AssignOne(encoded, uint32(experiment))
	if status != assign.OK {
		return Decision{}, fmt.Errorf("the core refuses the request: %w", status)
	}
	return read(record), nil
}

// All returns the decisions that give the request a variant, in the order of the payload.
// The result is valid until the next call.
func (c *Core) All(r *request.Request) (iter.Seq[Decision], error) {
	encoded, err := r.Encode(c.names)
	if err != nil {
		return nil, err
	}
	records, status := c.engine.AssignAll(encoded)
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the request: %w", status)
	}
	return func(yield func(Decision) bool) {
		for ; len(records) >= abi.RecordSize; records = records[abi.RecordSize:] {
			if !yield(read(records)) {
				return
			}
		}
	}, nil
}

func read(record []byte) Decision {
	d := Decision{int(binary.LittleEndian.Uint32(record)), model.None, abi.Reason(record[6])}
	if v := binary.LittleEndian.Uint16(record[4:]); v != abi.NoVariant {
		d.Variant = int(v)
	}
	return d
}
