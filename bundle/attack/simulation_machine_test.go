package attack_test

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// native follows the bucket as a host does, and decides with the core compiled natively.
type native struct {
	*reload.Reloader
	node    *node
	active  *bundle.Manifest
	engine  *assign.Engine
	catalog *payload.Catalog
	names   *request.Names
}

func openNative(n *node) (machine, error) {
	m := &native{node: n}
	var err error
	m.Reloader, err = reload.New(reload.Config{
		Source: n.view, Root: parseRoot(n.s.t, n.s.root), Environment: environment, StateDir: n.state,
		Now: func() time.Time { return n.s.now }, Logger: slog.New(slog.DiscardHandler), Prepare: m.prepare,
		Disk: durable.Disk{Before: n.write},
	})
	if err != nil {
		return nil, err
	}
	return m, m.Start(context.Background())
}

func (m *native) prepare(_ context.Context, b *bundle.Bundle) (use func(), err error) {
	reader, err := payload.NewReader(b.Payload)
	if err != nil {
		return nil, err
	}
	catalog, err := reader.Catalog()
	if err != nil {
		return nil, err
	}
	names, err := reader.Names()
	if err != nil {
		return nil, err
	}
	engine, status := assign.Load(b.Payload)
	if status != assign.OK {
		return nil, status
	}
	return func() {
		m.active, m.engine, m.catalog, m.names = b.Manifest, engine, catalog, names
		m.node.reaches(m.version())
	}, nil
}

func (m *native) refresh(ctx context.Context) { m.Refresh(ctx) }
func (m *native) stop() error                 { return nil }
func (m *native) trouble() string             { return m.Status().LastError }

func (m *native) version() attack.Version {
	if m.active == nil {
		return attack.Version{}
	}
	return attack.Version{Epoch: m.active.Epoch, Revision: m.active.Revision}
}

func (m *native) decide(r *request.Request) ([]outcome, error) {
	encoded, err := r.Encode(m.names)
	if err != nil {
		return nil, err
	}
	list := make([]outcome, 0, m.catalog.Len())
	for i := range m.catalog.Len() {
		record, status := m.engine.AssignOne(encoded, uint32(i))
		if status != assign.OK {
			return nil, status
		}
		o := outcome{experiment: m.catalog.Key(i), reason: abi.Reason(record[6])}
		if v := binary.LittleEndian.Uint16(record[4:]); v != abi.NoVariant {
			variant := m.catalog.Variant(i, int(v))
			o.variant, o.config = variant.Key, variant.Config
		}
		list = append(list, o)
	}
	return list, nil
}

// real is the host that proxies embed.
type real struct{ *host.Host }

func openReal(n *node) (machine, error) {
	h, err := host.Open(context.Background(), host.Options{
		Source: n.view, Root: parseRoot(n.s.t, n.s.root), Environment: environment, StateDir: n.state,
		Poll: untold, Instances: 1, Logger: slog.New(slog.DiscardHandler),
	})
	return real{h}, err
}

func (m real) refresh(ctx context.Context) { m.Refresh(ctx) }
func (m real) stop() error                 { return m.Close(context.Background()) }
func (m real) trouble() string             { return m.Status().LastError }

func (m real) version() attack.Version {
	s := m.Snapshot()
	return attack.Version{Epoch: s.Epoch, Revision: s.Revision}
}

func (m real) decide(r *request.Request) ([]outcome, error) {
	var decisions host.Decisions
	if err := m.DecideKeys(r, m.Keys(), &decisions); err != nil {
		return nil, err
	}
	if decisions.Revision() != m.Snapshot().Revision {
		return nil, errors.New("decisions of another revision than the active one")
	}
	list := []outcome{}
	for d := range decisions.All() {
		list = append(list, outcome{d.Experiment(), d.Variant(), d.Config(), d.Reason()})
	}
	return list, nil
}
