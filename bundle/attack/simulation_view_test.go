package attack_test

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
)

// readers are those to whom a lie is told: a bit for each host, and one for publishers.
type readers uint

const (
	everyHost     readers = 1<<simulatedHosts - 1
	readPublisher readers = 1 << simulatedHosts
)

// lie is what readers are shown instead of an object: nothing if data is nil.
type lie struct {
	data []byte
	to   readers
}

// view is the bucket as one reader sees it: through weather and lies. What is written
// goes into the true bucket: that a name is created once is the one promise of a store
// that publishers trust.
type view struct {
	s     *simulation
	who   readers
	pause func() // before each operation; nil if there is no pause
}

var _ store.Store = (*view)(nil)

var errWeather = errors.New("connection reset")

// fails tells whether the weather breaks an operation.
func (v *view) fails() bool { return v.s.rng.IntN(100) < v.s.weather }

func (v *view) operation(f func() error) error {
	if v.pause != nil {
		v.pause()
	}
	if v.fails() {
		return errWeather
	}
	if err := f(); err != nil {
		return err
	}
	if v.fails() {
		return errWeather // although it was carried out
	}
	return nil
}

// Get implements bundle.Source.
func (v *view) Get(_ context.Context, name, etag string, limit int64) (got bundle.Object, err error) {
	err = v.operation(func() error {
		l, ok := v.s.lies[name]
		if !ok || l.to&v.who == 0 {
			got, err = v.s.bucket.Get(context.Background(), name, etag, limit)
			return err
		}
		switch got = (bundle.Object{Data: l.data, ETag: bundle.HashOf(l.data).String()}); {
		case l.data == nil:
			return bundle.ErrNotFound
		case got.ETag == etag:
			return bundle.ErrNotModified
		case int64(len(l.data)) > limit:
			return bundle.ErrTooLarge
		}
		return nil
	})
	if err != nil {
		return bundle.Object{}, err
	}
	return got, nil
}

// Put implements store.Store.
func (v *view) Put(_ context.Context, name string, data []byte) error {
	return v.operation(func() error { return v.s.bucket.Put(context.Background(), name, data) })
}

// Create implements store.Store.
func (v *view) Create(_ context.Context, name string, data []byte) error {
	return v.operation(func() error {
		err := v.s.bucket.Create(context.Background(), name, data)
		if err == nil && strings.HasPrefix(name, "m/") {
			v.s.committed(data)
		}
		return err
	})
}

// List implements store.Store.
func (v *view) List(_ context.Context, prefix string) iter.Seq2[store.Entry, error] {
	return v.s.bucket.List(context.Background(), prefix)
}

// Delete implements store.Store.
func (v *view) Delete(_ context.Context, name string) error {
	return v.operation(func() error { return v.s.bucket.Delete(context.Background(), name) })
}
