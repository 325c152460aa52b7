package engines

import "github.com/sortition-dev/sortition/bench/workload"

// FlagdConfig converts a workload of the shape of W1 to flagd's flag definition, in its
// shortest form. It serves to compare sizes; the contestant is written in JavaScript.
func FlagdConfig(w *workload.Workload) any {
	flags := object{}
	for _, e := range w.Experiments {
		var all []object
		for _, t := range e.Any[0] {
			switch t.Op {
			case workload.In:
				all = append(all, object{"in": []any{object{"var": t.Attribute}, t.Strings}})
			case workload.VersionAtLeast:
				all = append(all, object{"sem_ver": []any{object{"var": t.Attribute}, ">=", t.Text}})
			}
		}
		flags[e.Key] = object{
			"state":    "ENABLED",
			"variants": object{workload.Control: workload.Control, workload.Treatment: workload.Treatment},
			"targeting": object{"if": []any{
				object{"and": all},
				object{"fractional": []any{[]any{workload.Control, 50}, []any{workload.Treatment, 50}}},
			}},
		}
	}
	return object{"flags": flags}
}
