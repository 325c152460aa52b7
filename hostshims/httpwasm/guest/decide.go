//go:build wasip1

package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/hostshims/httpwasm/config"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// decider decides on one bundle, with the core compiled in.
type decider struct {
	tables  payload.Tables
	engine  *assign.Engine
	unit    string
	created time.Time // of the revision
	request request.Request
}

func open(ctx context.Context, c *config.Config) (*decider, error) {
	b, err := c.Open(ctx)
	if err != nil {
		return nil, err
	}
	tables, err := payload.ReadTables(b.Payload)
	if err != nil {
		return nil, err
	}
	engine, status := assign.Load(b.Payload)
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the payload with status %d", status)
	}
	for i, v := range tables.Vectors {
		if records, status := engine.AssignAll(v.Request); status != assign.OK || string(records) != string(v.Records) {
			return nil, fmt.Errorf("golden vector %d: the guest decides differently than the publisher", i)
		}
	}
	return &decider{
		tables: tables, engine: engine,
		unit: cmp.Or(c.Unit, config.DefaultUnit), created: b.Manifest.Created,
	}, nil
}

// route returns the variants of the experiments and flags that touch a path.
func (d *decider) route(path, id string, attributes map[string]string) (map[string]string, error) {
	now := time.Now()
	if now.Before(d.created) {
		now = d.created // the proxy gives guests no clock
	}
	r := d.request.Reset().Now(now)
	if id != "" {
		r.Unit(d.unit, id)
	}
	for name, value := range attributes {
		if value != "" {
			r.String(name, value)
		}
	}
	encoded, err := r.Encode(d.tables.Names)
	if err != nil {
		return nil, err
	}
	variants := map[string]string{}
	for _, experiment := range d.tables.Routes.Match(path, nil) {
		record, status := d.engine.AssignOne(encoded, uint32(experiment))
		if status != assign.OK {
			return nil, fmt.Errorf("the core refuses the request with status %d", status)
		}
		if variant := binary.LittleEndian.Uint16(record[4:]); variant != abi.NoVariant {
			catalog := d.tables.Catalog
			variants[catalog.Key(experiment)] = catalog.Variant(experiment, int(variant)).Key
		}
	}
	return variants, nil
}
