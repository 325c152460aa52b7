// Package storetest has stores for tests and demonstrations: a store in memory that fails on
// demand, an S3 server in the same process, and servers in processes of their own.
//
// This package is internal to Sortition and may change without notice.
package storetest

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
)

// Op is an operation of a store.
type Op string

// The operations.
const (
	OpGet    Op = "get"
	OpPut    Op = "put"
	OpCreate Op = "create"
	OpList   Op = "list"
	OpDelete Op = "delete"
)

// Memory is a store in memory with hooks that make operations fail. If all hooks are nil, it is
// a correct store. Set hooks before concurrent use. The zero value is not usable.
type Memory struct {
	// Before runs before an operation. If it returns an error, the operation does
	// nothing and fails with it. It may block, to simulate a slow store.
	Before func(ctx context.Context, op Op, name string) error
	// After runs after an operation that succeeded. If it returns an error, the operation
	// fails with it although its change persists.
	After func(ctx context.Context, op Op, name string) error
	// Unconditional makes Create replace an existing object and succeed, like a server that
	// ignores the condition of the request.
	Unconditional bool
	// Tamper changes the data that Get returns, which may then exceed the limit.
	Tamper func(name string, data []byte) []byte

	mu      sync.Mutex
	objects map[string]object
}

type object struct {
	data     []byte
	modified time.Time
}

var _ store.Store = (*Memory)(nil)

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{objects: map[string]object{}} }

// Clone returns a store with the same objects, and without hooks.
func (m *Memory) Clone() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Memory{objects: maps.Clone(m.objects)}
}

// do runs Before, an operation and After.
func (m *Memory) do(ctx context.Context, op Op, name string, operation func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.Before != nil {
		if err := m.Before(ctx, op, name); err != nil {
			return err
		}
	}
	m.mu.Lock()
	err := operation()
	m.mu.Unlock()
	if err != nil || m.After == nil {
		return err
	}
	return m.After(ctx, op, name)
}

// Get implements [bundle.Source].
func (m *Memory) Get(ctx context.Context, name, etag string, limit int64) (got bundle.Object, err error) {
	if err := store.CheckName(name); err != nil {
		return bundle.Object{}, err
	}
	err = m.do(ctx, OpGet, name, func() error {
		o, ok := m.objects[name]
		if !ok {
			return fmt.Errorf("%w: %s", bundle.ErrNotFound, name)
		}
		got = bundle.Object{Data: slices.Clone(o.data), ETag: bundle.HashOf(o.data).String()}
		if got.ETag == etag {
			return bundle.ErrNotModified
		}
		if m.Tamper != nil {
			got.Data = m.Tamper(name, got.Data)
		} else if int64(len(got.Data)) > limit {
			return fmt.Errorf("%w: %s", bundle.ErrTooLarge, name)
		}
		return nil
	})
	if err != nil {
		return bundle.Object{}, err
	}
	return got, nil
}

// Put implements [store.Store].
func (m *Memory) Put(ctx context.Context, name string, data []byte) error {
	if err := store.CheckName(name); err != nil {
		return err
	}
	return m.do(ctx, OpPut, name, func() error {
		m.objects[name] = object{slices.Clone(data), time.Now()}
		return nil
	})
}

// Create implements [store.Store].
func (m *Memory) Create(ctx context.Context, name string, data []byte) error {
	if err := store.CheckName(name); err != nil {
		return err
	}
	return m.do(ctx, OpCreate, name, func() error {
		if _, ok := m.objects[name]; ok && !m.Unconditional {
			return fmt.Errorf("%w: %s", store.ErrExists, name)
		}
		m.objects[name] = object{slices.Clone(data), time.Now()}
		return nil
	})
}

// Delete implements [store.Store].
func (m *Memory) Delete(ctx context.Context, name string) error {
	if err := store.CheckName(name); err != nil {
		return err
	}
	return m.do(ctx, OpDelete, name, func() error {
		delete(m.objects, name)
		return nil
	})
}

// List implements [store.Store]. It yields the objects that exist when it starts.
func (m *Memory) List(ctx context.Context, prefix string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		var entries []store.Entry
		err := m.do(ctx, OpList, prefix, func() error {
			for _, name := range slices.Sorted(maps.Keys(m.objects)) {
				if o := m.objects[name]; strings.HasPrefix(name, prefix) {
					entries = append(entries, store.Entry{Name: name, Size: int64(len(o.data)), Modified: o.modified})
				}
			}
			return nil
		})
		if err != nil {
			yield(store.Entry{}, err)
			return
		}
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}
