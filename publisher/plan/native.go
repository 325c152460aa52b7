package plan

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/native"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// decider decides requests on a payload with the native core.
type decider struct {
	core    *native.Core
	catalog *payload.Catalog
	given   []string // by experiment: the variant of the last request, empty for none
}

func newDecider(p *payload.Reader) (*decider, error) {
	core, err := native.Load(p)
	if err != nil {
		return nil, err
	}
	catalog, err := p.Catalog()
	if err != nil {
		return nil, err
	}
	return &decider{core, catalog, make([]string, catalog.Len())}, nil
}

// decide fills given.
func (d *decider) decide(r *request.Request) error {
	decisions, err := d.core.All(r)
	if err != nil {
		return err
	}
	clear(d.given)
	for given := range decisions {
		d.given[given.Experiment] = d.catalog.Variant(given.Experiment, given.Variant).Key
	}
	return nil
}

// coldStart returns the time that the native core takes to read the payload, load it and
// decide its vectors.
func coldStart(raw []byte) (time.Duration, error) {
	begin := time.Now()
	reader, err := payload.NewReader(raw)
	if err != nil {
		return 0, err
	}
	vectors, err := reader.Vectors()
	if err != nil {
		return 0, err
	}
	engine, status := assign.Load(raw)
	if status != assign.OK {
		return 0, fmt.Errorf("the core refuses the payload: %w", status)
	}
	for _, v := range vectors {
		records, status := engine.AssignAll(v.Request)
		if status != assign.OK || string(records) != string(v.Records) {
			return 0, fmt.Errorf("the core does not decide as the payload's vectors say: %w", status)
		}
	}
	return time.Since(begin), nil
}
