package visit

import (
	"net/http"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/cookie"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/variantkey"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// Visit is one request with its decisions. It is not safe for concurrent use. The zero Visit
// has no decisions.
type Visit struct {
	assigner *Assigner
	secure   bool
	units    map[string]string
	request  host.Request
	cookies  []*http.Cookie
	kept     *cookie.Kept // nil if nothing is kept

	route   []host.Decision // of what touches the path
	decided map[string]host.Decision
	err     error
}

func (v *Visit) setUnit(unit, id string) {
	if id != "" {
		v.units[unit] = id
	}
}

// Err returns the last error of a decision, for a log, or nil.
func (v *Visit) Err() error { return v.err }

// Route returns the decisions of all experiments and flags whose routes match the path, with and
// without a variant, ordered by key. All are from one bundle.
func (v *Visit) Route() []host.Decision { return v.route }

// Decision returns the decision of an experiment or flag, whether or not a route of it matches
// the path. It is the zero Decision if the bundle has no such key, or after an error. What a
// cached page shows must have a route that matches the path of the page.
func (v *Visit) Decision(key string) host.Decision {
	d, ok := v.decided[key]
	if ok || v.assigner == nil {
		return d
	}
	d, err := v.assigner.Host.Decide(&v.request, key)
	if err != nil {
		v.err = err
		d = host.Decision{}
	}
	d = v.keep(d)
	v.decided[key] = d
	return d
}

func (v *Visit) keep(d host.Decision) host.Decision {
	if v.kept == nil {
		return d
	}
	return v.kept.Apply(d)
}

// Variant returns the key of the assigned variant of an experiment or flag, or "".
func (v *Visit) Variant(key string) string { return v.Decision(key).Variant() }

// VariantKey returns the key of the combination of variants for the path.
func (v *Visit) VariantKey() string { return variantkey.Of(v.variants()) }

func (v *Visit) variants() map[string]string {
	variants := map[string]string{}
	for _, d := range v.route {
		if d.Assigned() {
			variants[d.Experiment()] = d.Variant()
		}
	}
	return variants
}

// varies tells whether pages of this path, or at least this one, differ by visitor.
func (v *Visit) varies() bool {
	for _, d := range v.decided {
		if d.Experiment() != "" {
			return true
		}
	}
	return false
}

// Expose records that the visitor sees the variant of an experiment. Call it when the variant is
// shown: an assignment alone is not an exposure. Flags are not recorded. Expose does not block.
func (v *Visit) Expose(key string) {
	d := v.Decision(key)
	id := v.units[d.Unit()]
	if d.Kind() != model.KindExperiment || !d.Assigned() || id == "" || v.assigner.Exposures == nil {
		return
	}
	v.assigner.Exposures.Add(event.Exposure{
		Experiment: d.Experiment(), Variant: d.Variant(), Phase: d.Phase(), Unit: d.Unit(), UnitID: id,
		Revision: d.Revision(), Override: d.Reason() == abi.ReasonOverride,
	})
}
