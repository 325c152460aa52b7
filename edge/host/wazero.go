package host

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// wazeroCore is a compiled module.
type wazeroCore struct {
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

// newWazeroCore compiles a module. It refuses modules that import anything or lack an export.
func newWazeroCore(ctx context.Context, binary []byte) (*wazeroCore, error) {
	return compileCore(ctx, binary, wazero.NewRuntimeConfig())
}

// newSlowCore is like newWazeroCore, but calls of the core end when their context does. That makes
// them several times slower.
func newSlowCore(ctx context.Context, binary []byte) (*wazeroCore, error) {
	return compileCore(ctx, binary, wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
}

func compileCore(ctx context.Context, binary []byte, config wazero.RuntimeConfig) (*wazeroCore, error) {
	c := &wazeroCore{hash: bundle.HashOf(binary), runtime: wazero.NewRuntimeWithConfig(ctx, config.WithMemoryLimitPages(maxMemoryPages))}
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

func (*wazeroCore) engine() Engine    { return EngineWazero }
func (c *wazeroCore) id() bundle.Hash { return c.hash }

func (c *wazeroCore) close(ctx context.Context) error { return c.runtime.Close(ctx) }

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

func (c *wazeroCore) instantiate(ctx context.Context, raw []byte) (instance, error) {
	module, err := c.runtime.InstantiateModule(experimental.WithMemoryAllocator(ctx, reserve(len(raw))), c.module,
		wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	if err != nil {
		return nil, fmt.Errorf("instantiate the core: %w", err)
	}
	g := &guest{
		module:    module,
		assignOne: module.ExportedFunction("assign_one"),
		assignAll: module.ExportedFunction("assign_all"),
	}
	if err := g.load(ctx, raw); err != nil {
		return nil, errors.Join(err, module.Close(ctx))
	}
	return g, nil
}

// guest decides in WebAssembly.
type guest struct {
	module    api.Module
	assignOne api.Function
	assignAll api.Function
	request   uint32 // address at which the core reads requests
	room      []byte // the memory there, which deciding does not move
	length    int    // of the request in room
	records   []byte // the memory that begins with the records, which deciding does not move
	stack     [3]uint64
}

func (g *guest) load(ctx context.Context, raw []byte) error {
	version, err := g.call(ctx, "abi_version")
	if err != nil {
		return err
	}
	if version != abi.Version {
		return fmt.Errorf("the core has ABI %d; this host supports %d", version, abi.Version)
	}
	at, err := g.call(ctx, "alloc", uint64(len(raw)))
	if err != nil {
		return err
	}
	if !g.module.Memory().Write(at, raw) {
		return fmt.Errorf("the core cannot allocate %d bytes for the payload", len(raw))
	}
	status, err := g.call(ctx, "load", uint64(at), uint64(len(raw)))
	if err != nil {
		return err
	}
	if status := assign.Status(status); status != assign.OK {
		return fmt.Errorf("the core refuses the payload: %w", status)
	}
	if g.request, err = g.call(ctx, "alloc", request.MaxEncoded); err != nil {
		return err
	}
	var ok bool
	if g.room, ok = g.module.Memory().Read(g.request, request.MaxEncoded); !ok {
		return errors.New("the core cannot allocate memory for requests")
	}
	records, err := g.call(ctx, "records")
	if err != nil {
		return err
	}
	size := g.module.Memory().Size()
	if g.records, ok = g.module.Memory().Read(records, size-min(records, size)); !ok || len(g.records) < abi.RecordSize {
		return errors.New("the core has its records outside its memory")
	}
	return nil
}

// call calls an export whose result has 32 bits. It is too slow for decisions.
func (g *guest) call(ctx context.Context, name string, args ...uint64) (uint32, error) {
	results, err := g.module.ExportedFunction(name).Call(ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("core: %s: %w", name, err)
	}
	return api.DecodeU32(results[0]), nil
}

func (g *guest) take(r *request.Request, names *request.Names) error {
	encoded, err := r.Append(g.room[:0], names)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	g.length = len(encoded)
	return nil
}

func (g *guest) takeEncoded(r []byte) error {
	if len(r) > len(g.room) {
		return fmt.Errorf("%w: %w", ErrRequest, assign.RequestTooLarge)
	}
	g.length = copy(g.room, r)
	return nil
}

func (g *guest) one(ctx context.Context, experiment uint32) (abi.Record, error) {
	g.stack = [3]uint64{uint64(g.request), uint64(g.length), uint64(experiment)}
	if err := g.assignOne.CallWithStack(ctx, g.stack[:]); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrCore, err)
	}
	if count := api.DecodeI32(g.stack[0]); count != 1 {
		return 0, refusal(count)
	}
	return abi.Record(binary.LittleEndian.Uint64(g.records)), nil
}

func (g *guest) all(ctx context.Context) ([]byte, error) {
	g.stack = [3]uint64{uint64(g.request), uint64(g.length)}
	if err := g.assignAll.CallWithStack(ctx, g.stack[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCore, err)
	}
	count := api.DecodeI32(g.stack[0])
	if count < 0 || int(count) > len(g.records)/abi.RecordSize {
		return nil, refusal(count)
	}
	return g.records[:int(count)*abi.RecordSize], nil
}

// refusal returns the error for a number of records that is not possible: it is a negated status,
// or nonsense.
func refusal(count int32) error {
	if count < 0 {
		return fmt.Errorf("%w: %w", ErrRequest, assign.Status(-count))
	}
	return ErrCore
}

func (g *guest) close(ctx context.Context) error { return g.module.Close(ctx) }
