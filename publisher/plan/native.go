package plan

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// decider decides requests on a payload with the native core.
type decider struct {
	engine    *assign.Engine
	names     *request.Names
	directory *bundle.Directory
	given     []string // by experiment: the variant of the last request, empty for none
}

func newDecider(payload []byte) (*decider, error) {
	catalog, err := bundle.ParseCatalog(payload)
	if err != nil {
		return nil, err
	}
	names, err := catalog.Names()
	if err != nil {
		return nil, err
	}
	directory, err := catalog.Directory()
	if err != nil {
		return nil, err
	}
	engine, status := assign.Load(payload)
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the payload: %w", status)
	}
	return &decider{engine, names, directory, make([]string, directory.Len())}, nil
}

// decide fills given.
func (d *decider) decide(r *request.Request) error {
	encoded, err := r.Encode(d.names)
	if err != nil {
		return err
	}
	records, status := d.engine.AssignAll(encoded)
	if status != assign.OK {
		return fmt.Errorf("the core refuses the request: %w", status)
	}
	clear(d.given)
	for ; len(records) >= assign.RecordSize; records = records[assign.RecordSize:] {
		experiment := int(binary.LittleEndian.Uint32(records))
		if v := binary.LittleEndian.Uint16(records[4:]); v != assign.NoVariant {
			d.given[experiment] = d.directory.Variant(experiment, int(v)).Key
		}
	}
	return nil
}

// coldStart is the time that the native core takes from the payload's bytes until it has
// answered the payload's own vectors.
func coldStart(payload []byte) (time.Duration, error) {
	begin := time.Now()
	catalog, err := bundle.ParseCatalog(payload)
	if err != nil {
		return 0, err
	}
	vectors, err := catalog.Vectors()
	if err != nil {
		return 0, err
	}
	engine, status := assign.Load(payload)
	if status != assign.OK {
		return 0, fmt.Errorf("the core refuses the payload: %w", status)
	}
	for _, v := range vectors {
		records, status := engine.AssignAll(v.Request)
		if status != assign.OK || string(records) != string(v.Records) {
			return 0, fmt.Errorf("the core decides otherwise than the payload's vectors say: %w", status)
		}
	}
	return time.Since(begin), nil
}
