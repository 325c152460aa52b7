package engines

import (
	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/wasm/request"
)

// fill resets r and copies from into it. It returns r.
func fill(r *request.Request, from *workload.Request) *request.Request {
	r.Reset().Unit(unitType, from.ID)
	for i := range from.Values {
		v := &from.Values[i]
		switch v.Type {
		case workload.String, workload.Version:
			r.String(v.Name, v.String)
		case workload.Number:
			r.Number(v.Name, v.Number)
		case workload.Bool:
			r.Bool(v.Name, v.Bool)
		}
	}
	return r
}
