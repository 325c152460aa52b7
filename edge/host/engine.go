package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Engine is what runs the core. The same core gives the same decisions on both.
type Engine string

// The engines.
const (
	// EngineWazero runs the core that a bundle's manifest names as WebAssembly, in wazero. The
	// core cannot read or write outside its own memory, which has a limit.
	EngineWazero Engine = "wazero"

	// EngineNative runs the core as part of this program, which takes less than half the time.
	// It has no sandbox and no limit of memory. It serves only bundles whose manifest names the
	// core of this program, byte for byte. EngineWazero serves all others.
	EngineNative Engine = "native"
)

// ParseEngine returns the engine of a name, [EngineWazero] for "". Its error lists the engines.
func ParseEngine(name string) (Engine, error) {
	switch e := Engine(name); e {
	case "":
		return EngineWazero, nil
	case EngineWazero, EngineNative:
		return e, nil
	}
	return "", fmt.Errorf("%q is no engine: use %s or %s", name, EngineWazero, EngineNative)
}

// core makes instances that decide.
type core interface {
	engine() Engine
	id() bundle.Hash // of the module

	// instantiate makes an instance and loads the payload into it.
	instantiate(ctx context.Context, raw []byte) (*instance, error)

	// close frees the core and all of its instances.
	close(ctx context.Context) error
}

// instance is a core with one payload loaded. It serves one call at a time.
type instance struct {
	decider
	room   []byte // for a request; deciding does not move it
	length int    // of the request in room
}

// decider decides for the first length bytes of an instance's room. Records are valid until the
// next call. The error is ErrRequest, or ErrCore, after which the decider is unusable.
type decider interface {
	one(ctx context.Context, length int, experiment uint32) (abi.Record, error)
	all(ctx context.Context, length int) ([]byte, error) // records only of those with a variant
	close(ctx context.Context) error
}

// take writes a request into the instance's memory. The error is ErrRequest.
func (in *instance) take(r *request.Request, names *request.Names) error {
	encoded, err := r.Append(in.room[:0], names)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	in.length = len(encoded)
	return nil
}

// selfTest checks that the instance decides the golden vectors of its payload as the publisher did.
func (in *instance) selfTest(ctx context.Context, vectors []payload.Vector) error {
	for i, v := range vectors {
		if len(v.Request) > request.MaxEncoded {
			return fmt.Errorf("golden vector %d is larger than a request may be", i)
		}
		records, err := in.all(ctx, copy(in.room, v.Request))
		if err != nil {
			return fmt.Errorf("golden vector %d: %w", i, err)
		}
		if !bytes.Equal(records, v.Records) {
			return fmt.Errorf("golden vector %d: the core decides differently on this machine than it did for the publisher", i)
		}
	}
	return nil
}

// instantiate makes an instance of a core that has passed the golden vectors.
func instantiate(ctx context.Context, c core, raw []byte, vectors []payload.Vector) (*instance, error) {
	in, err := c.instantiate(ctx, raw)
	if err != nil {
		return nil, err
	}
	if err := in.selfTest(ctx, vectors); err != nil {
		return nil, errors.Join(err, in.close(ctx))
	}
	return in, nil
}
