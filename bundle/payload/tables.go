package payload

import (
	"github.com/sortition-dev/sortition/bundle/route"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Tables are the parts of a payload that a host uses besides the core.
type Tables struct {
	Catalog *Catalog
	Names   *request.Names
	Routes  *route.Table
	Sticky  []bool // by index in the catalog
	Vectors []Vector
}

// ReadTables returns the tables of a raw payload. See [NewReader] for the conditions and errors.
func ReadTables(raw []byte) (t Tables, err error) {
	r, err := NewReader(raw)
	if err != nil {
		return Tables{}, err
	}
	if t.Catalog, err = r.Catalog(); err != nil {
		return Tables{}, err
	}
	if t.Names, err = r.Names(); err != nil {
		return Tables{}, err
	}
	if t.Routes, err = r.Routes(); err != nil {
		return Tables{}, err
	}
	if t.Sticky, err = r.Sticky(); err != nil {
		return Tables{}, err
	}
	if t.Vectors, err = r.Vectors(); err != nil {
		return Tables{}, err
	}
	return t, nil
}
