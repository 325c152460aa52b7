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

	// EngineNative runs the core as part of this program, which takes about half the time.
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
	instantiate(ctx context.Context, raw []byte) (instance, error)

	// close frees the core and all of its instances.
	close(ctx context.Context) error
}

// instance is a core with one payload loaded. It serves one call at a time. Errors are ErrRequest,
// or ErrCore, after which the instance is unusable.
type instance interface {
	// take takes a request, for which one, or all, is called next. The request must not change
	// until then.
	take(r *request.Request, names *request.Names) error

	// takeEncoded takes an encoded request, which must not change until it is decided.
	takeEncoded(r []byte) error

	// one decides one experiment. It may be called for several, one after the other.
	one(ctx context.Context, experiment uint32) (abi.Record, error)

	// all decides everything. It returns the records of what has a variant, which are valid
	// until the next call.
	all(ctx context.Context) ([]byte, error)

	close(ctx context.Context) error
}

// selfTest checks that an instance decides the golden vectors of its payload as the publisher did.
func selfTest(ctx context.Context, in instance, vectors []payload.Vector) error {
	for i, v := range vectors {
		err := in.takeEncoded(v.Request)
		var records []byte
		if err == nil {
			records, err = in.all(ctx)
		}
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
func instantiate(ctx context.Context, c core, raw []byte, vectors []payload.Vector) (instance, error) {
	in, err := c.instantiate(ctx, raw)
	if err != nil {
		return nil, err
	}
	if err := selfTest(ctx, in, vectors); err != nil {
		return nil, errors.Join(err, in.close(ctx))
	}
	return in, nil
}
