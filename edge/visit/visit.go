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

// Visit is one request, and what is decided for it. It is for one goroutine at a time. For
// the zero Visit nothing is decided.
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

// Err is what went wrong in deciding, for a log; nil if nothing did.
func (v *Visit) Err() error { return v.err }

// Route returns the decisions of what touches the path, with and without a variant, ordered
// by key and all of one bundle.
func (v *Visit) Route() []host.Decision { return v.route }

// Decision returns the decision of an experiment or flag, whether or not it touches the
// path; the zero Decision if the bundle has none of this key, or deciding failed. What a
// cached page shows must touch its path.
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

// Variant returns the key of the variant that an experiment or flag gives; empty for none.
func (v *Visit) Variant(key string) string { return v.Decision(key).Variant }

// VariantKey returns the key of the combination of variants for the path.
func (v *Visit) VariantKey() string { return variantkey.Of(v.variants()) }

func (v *Visit) variants() map[string]string {
	variants := map[string]string{}
	for _, d := range v.route {
		if d.Assigned() {
			variants[d.Experiment] = d.Variant
		}
	}
	return variants
}

// varies tells whether pages of this path, or at least this one, differ by visitor.
func (v *Visit) varies() bool {
	for _, d := range v.decided {
		if d.Experiment != "" {
			return true
		}
	}
	return false
}

// Expose records that the visitor is shown what an experiment gives. To be assigned alone
// counts for nothing, and flags are not measured. It does not wait.
func (v *Visit) Expose(key string) {
	d := v.Decision(key)
	id := v.units[d.Unit]
	if d.Kind != model.KindExperiment || !d.Assigned() || id == "" || v.assigner.Exposures == nil {
		return
	}
	v.assigner.Exposures.Add(event.Exposure{
		Experiment: d.Experiment, Variant: d.Variant, Phase: d.Phase, Unit: d.Unit, UnitID: id,
		Revision: d.Revision, Override: d.Reason == abi.ReasonOverride,
	})
}
