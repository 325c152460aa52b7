package host

import (
	"context"
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

func (*nativeCore) instantiate(_ context.Context, raw []byte) (_ instance, err error) {
	defer recovered(&err)
	engine, status := assign.Load(raw)
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the payload: %w", status)
	}
	return &native{engine}, nil
}

// native decides without WebAssembly. What is a trap there is a panic here.
type native struct{ engine *assign.Engine }

func (n *native) take(r *request.Request, names *request.Names) (err error) {
	defer recovered(&err)
	if err := request.Ask(n.engine, r, names); err != nil {
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return nil
}

func (n *native) takeEncoded(r []byte) (err error) {
	defer recovered(&err)
	if status := n.engine.Read(r); status != assign.OK {
		return fmt.Errorf("%w: %w", ErrRequest, status)
	}
	return nil
}

func (n *native) one(_ context.Context, experiment uint32) (_ abi.Record, err error) {
	defer recovered(&err)
	record, status := n.engine.One(experiment)
	if status != assign.OK {
		return 0, fmt.Errorf("%w: %w", ErrRequest, status)
	}
	return record, nil
}

func (n *native) all(context.Context) (_ []byte, err error) {
	defer recovered(&err)
	return n.engine.All(), nil
}

func (*native) close(context.Context) error { return nil }

// recovered sets err to ErrCore if the function that defers it panics.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: panic: %v", ErrCore, p)
	}
}
