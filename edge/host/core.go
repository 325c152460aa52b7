package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// core is a compiled module, from which instances are made.
type core struct {
	hash    bundle.Hash
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// signatures are the exports that a core must have, with the number of parameters and results of
// each; see wasm/ABI.md.
var signatures = map[string][2]int{
	"_initialize": {0, 0}, "abi_version": {0, 1}, "alloc": {1, 1}, "load": {2, 1},
	"records": {0, 1}, "assign_one": {3, 1}, "assign_all": {2, 1},
}

// newCore compiles a module. It refuses modules that import anything or lack an export.
func newCore(ctx context.Context, binary []byte) (*core, error) {
	return compileCore(ctx, binary, wazero.NewRuntimeConfig())
}

// newSlowCore is like newCore, but calls of the core end when their context does. That makes them
// several times slower.
func newSlowCore(ctx context.Context, binary []byte) (*core, error) {
	return compileCore(ctx, binary, wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
}

func compileCore(ctx context.Context, binary []byte, config wazero.RuntimeConfig) (*core, error) {
	c := &core{hash: bundle.HashOf(binary), runtime: wazero.NewRuntimeWithConfig(ctx, config.WithMemoryLimitPages(maxMemoryPages))}
	module, err := c.runtime.CompileModule(ctx, binary)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("compile the core: %w", err), c.close(ctx))
	}
	c.module = module
	if err := checkExports(module); err != nil {
		return nil, errors.Join(err, c.close(ctx))
	}
	return c, nil
}

// close frees the core and all of its instances.
func (c *core) close(ctx context.Context) error { return c.runtime.Close(ctx) }

func checkExports(module wazero.CompiledModule) error {
	if n := len(module.ImportedFunctions()) + len(module.ImportedMemories()); n != 0 {
		return fmt.Errorf("the core has %d imports; it must have none", n)
	}
	memory := module.ExportedMemories()["memory"]
	if memory == nil {
		return errors.New("the core does not export its memory")
	}
	if memory.Min() > maxFirstPages {
		return fmt.Errorf("the core starts with %d pages of memory, more than %d", memory.Min(), maxFirstPages)
	}
	functions := module.ExportedFunctions()
	for name, want := range signatures {
		f := functions[name]
		if f == nil {
			return fmt.Errorf("the core does not export %s", name)
		}
		if got := [2]int{len(f.ParamTypes()), len(f.ResultTypes())}; got != want {
			return fmt.Errorf("the core exports %s with %d parameters and %d results, it must have %d and %d",
				name, got[0], got[1], want[0], want[1])
		}
	}
	return nil
}

// instance is the core with one payload loaded. It serves one call at a time.
type instance struct {
	module    api.Module
	assignOne api.Function
	assignAll api.Function
	request   uint32 // address at which the core reads requests
	room      []byte // the memory there, which deciding does not move
	length    int    // of the request in room
	records   uint32 // address of the records
	stack     [3]uint64
}

// instantiate makes an instance and loads the payload into it.
func (c *core) instantiate(ctx context.Context, raw []byte) (*instance, error) {
	ctx = experimental.WithMemoryAllocator(ctx, reserve(len(raw)))
	module, err := c.runtime.InstantiateModule(ctx, c.module,
		wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, fmt.Errorf("instantiate the core: %w", err)
	}
	in := &instance{
		module:    module,
		assignOne: module.ExportedFunction("assign_one"),
		assignAll: module.ExportedFunction("assign_all"),
	}
	if err := in.load(ctx, raw); err != nil {
		return nil, errors.Join(err, module.Close(ctx))
	}
	return in, nil
}

func (in *instance) load(ctx context.Context, raw []byte) error {
	version, err := in.call(ctx, "abi_version")
	if err != nil {
		return err
	}
	if version != abi.Version {
		return fmt.Errorf("the core has ABI %d; this host supports %d", version, abi.Version)
	}
	at, err := in.call(ctx, "alloc", uint64(len(raw)))
	if err != nil {
		return err
	}
	if !in.module.Memory().Write(at, raw) {
		return fmt.Errorf("the core cannot allocate %d bytes for the payload", len(raw))
	}
	status, err := in.call(ctx, "load", uint64(at), uint64(len(raw)))
	if err != nil {
		return err
	}
	if status := assign.Status(status); status != assign.OK {
		return fmt.Errorf("the core refuses the payload: %w", status)
	}
	if in.records, err = in.call(ctx, "records"); err != nil {
		return err
	}
	if in.request, err = in.call(ctx, "alloc", request.MaxEncoded); err != nil {
		return err
	}
	room, ok := in.module.Memory().Read(in.request, request.MaxEncoded)
	if !ok {
		return errors.New("the core cannot allocate memory for requests")
	}
	in.room = room
	return nil
}

// call calls an export whose result has 32 bits. It is too slow for decisions.
func (in *instance) call(ctx context.Context, name string, args ...uint64) (uint32, error) {
	results, err := in.module.ExportedFunction(name).Call(ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("core: %s: %w", name, err)
	}
	return api.DecodeU32(results[0]), nil
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

// one decides one experiment for the latest request of take. The returned record is valid until the
// next call. The error is ErrRequest, or ErrCore, after which the instance is unusable.
func (in *instance) one(ctx context.Context, experiment uint32) ([]byte, error) {
	in.stack = [3]uint64{uint64(in.request), uint64(in.length), uint64(experiment)}
	return in.decide(ctx, in.assignOne)
}

// all is like one for all experiments and flags. It returns records only for those with a variant.
func (in *instance) all(ctx context.Context) ([]byte, error) {
	in.stack = [3]uint64{uint64(in.request), uint64(in.length)}
	return in.decide(ctx, in.assignAll)
}

func (in *instance) decide(ctx context.Context, f api.Function) ([]byte, error) {
	if err := f.CallWithStack(ctx, in.stack[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCore, err)
	}
	count := api.DecodeI32(in.stack[0])
	if count < 0 {
		return nil, fmt.Errorf("%w: %w", ErrRequest, assign.Status(-count))
	}
	records, ok := in.module.Memory().Read(in.records, uint32(count)*abi.RecordSize)
	if !ok {
		return nil, ErrCore
	}
	return records, nil
}

// selfTest checks that the instance decides the golden vectors of its payload as the publisher did.
func (in *instance) selfTest(ctx context.Context, vectors []payload.Vector) error {
	for i, v := range vectors {
		if len(v.Request) > request.MaxEncoded {
			return fmt.Errorf("golden vector %d is larger than a request may be", i)
		}
		in.length = copy(in.room, v.Request)
		records, err := in.all(ctx)
		if err != nil {
			return fmt.Errorf("golden vector %d: %w", i, err)
		}
		if !bytes.Equal(records, v.Records) {
			return fmt.Errorf("golden vector %d: the core decides differently on this machine than it did for the publisher", i)
		}
	}
	return nil
}
