package host

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/assign/vectortest"
)

// TestVectors decides the language-neutral vectors with both engines.
func TestVectors(t *testing.T) {
	file, err := vectortest.Load()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, core := range []core{testCore(t), newNativeCore()} {
		for _, p := range file.Programs {
			in, err := core.instantiate(ctx, p.Payload)
			if err != nil {
				t.Fatalf("%s, %s: %v", core.engine(), p.Name, err)
			}
			for _, c := range p.Cases {
				if err := p.Check(vectorHost{in}, &c); err != nil {
					t.Errorf("%s, %s: %s (%s): %v", core.engine(), p.Name, c.Name, c.Why, err)
				}
			}
			if err := in.close(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
}

type vectorHost struct{ in instance }

func (h vectorHost) One(request []byte, experiment uint32) ([]byte, assign.Status, error) {
	if err := h.in.takeEncoded(request); err != nil {
		return statusOf(nil, err)
	}
	record, err := h.in.one(context.Background(), experiment)
	return statusOf(binary.LittleEndian.AppendUint64(nil, uint64(record)), err)
}

func (h vectorHost) All(request []byte) ([]byte, assign.Status, error) {
	if err := h.in.takeEncoded(request); err != nil {
		return statusOf(nil, err)
	}
	return statusOf(h.in.all(context.Background()))
}

// statusOf returns a refusal of the core as a status, and any other failure as an error.
func statusOf(records []byte, err error) ([]byte, assign.Status, error) {
	var status assign.Status
	if errors.As(err, &status) {
		return nil, status, nil
	}
	return slices.Clone(records), assign.OK, err
}
