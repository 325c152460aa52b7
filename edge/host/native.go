package host

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// nativeCore is the program's own core as Go.
type nativeCore struct{ hash bundle.Hash }

func newNativeCore() *nativeCore { return &nativeCore{bundle.HashOf(wasm.Core)} }

func (*nativeCore) engine() Engine              { return EngineNative }
func (c *nativeCore) id() bundle.Hash           { return c.hash }
func (*nativeCore) close(context.Context) error { return nil }

func (*nativeCore) instantiate(_ context.Context, raw []byte) (_ *instance, err error) {
	defer recovered(&err)
	engine, status := assign.Load(raw)
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the payload: %w", status)
	}
	room := make([]byte, request.MaxEncoded)
	return &instance{decider: &native{engine, room}, room: room}, nil
}

// native decides without WebAssembly. What is a trap there is a panic here.
type native struct {
	engine *assign.Engine
	room   []byte
}

func (n *native) one(_ context.Context, length int, experiment uint32) (_ abi.Record, err error) {
	defer recovered(&err)
	record, status := n.engine.AssignOne(n.room[:length], experiment)
	if status != assign.OK {
		return 0, fmt.Errorf("%w: %w", ErrRequest, status)
	}
	return abi.Record(binary.LittleEndian.Uint64(record)), nil
}

func (n *native) all(_ context.Context, length int) (_ []byte, err error) {
	defer recovered(&err)
	records, status := n.engine.AssignAll(n.room[:length])
	if status != assign.OK {
		return nil, fmt.Errorf("%w: %w", ErrRequest, status)
	}
	return records, nil
}

func (*native) close(context.Context) error { return nil }

// recovered sets err to ErrCore if the function that defers it panics.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: panic: %v", ErrCore, p)
	}
}
