package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// A store may refuse to create an object shortly before it shows the existing one, as
// versitygw does under load. So commit tries several times to read an object that is said to
// exist.
const (
	readBackTries = 6
	readBackPause = 100 * time.Millisecond
)

// commit creates the manifest. The error is [store.ErrExists] if another publisher was
// faster.
func (p *Publication) commit(ctx context.Context, r *prepared) error {
	there, err := p.create(ctx, r.manifest.Name(), r.envelope)
	if err == nil && !bytes.Equal(there, r.envelope) {
		return store.ErrExists
	}
	return err
}

// create creates an object and returns the object that is there afterwards. A store may
// create the object and still return an error. So after any error create reads the object:
// the same bytes are a success, others mean that another publisher was faster.
func (p *Publication) create(ctx context.Context, name string, data []byte) ([]byte, error) {
	failed := p.Store.Create(ctx, name, data)
	if failed == nil {
		return data, nil
	}
	for range readBackTries {
		there, err := revision.ReadEnvelope(ctx, p.Store, name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("create %s: %w; it is not known whether it was created: %w", name, failed, err)
		case there != nil:
			return there, nil
		case !errors.Is(failed, store.ErrExists):
			return nil, fmt.Errorf("create %s: %w", name, failed)
		}
		if err := wait(ctx, readBackPause); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("create %s: %v, but it cannot be read", name, failed)
}

// wait waits until the time has passed or ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
