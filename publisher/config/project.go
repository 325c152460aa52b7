package config

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audience"
	"github.com/sortition-dev/sortition/publisher/signer"
)

// resolveProject checks sortition.yaml and sets the project's fields from it.
func (l *loader) resolveProject() {
	p, f := l.project, l.project.File
	l.resolveTarget()
	l.resolveEnvironments()
	p.Rest = DefaultRest
	if f.Rest.Given() {
		p.Rest = f.Rest.Value
	}

	l.resolveApplications()
	l.resolveUnits()
	l.resolveAttributes()
	l.resolveLayers()
	l.resolveMetrics()
	l.resolveSegments()
	l.resolveOptOut()
	l.resolveGates()
	l.resolveCanary()

	l.scope = audience.NewScope(p.Attributes, keysOf(p.Segments, func(s Segment) string { return s.Key }))
	l.resolveAudiences()
	p.Holdout = holdout(f.Holdout)
	if f.Exclude != nil {
		l.exclude(model.ExcludeBot, f.Exclude.Bot)
		l.exclude(model.ExcludeInternal, f.Exclude.Internal)
	}
}

// resolveTarget sets where the project is published and by which keys.
func (l *loader) resolveTarget() {
	p, f := l.project, l.project.File
	l.checkEnvironment(f.Environment)
	p.Environment = f.Environment.Value
	p.Bucket = l.bucket(f.Bucket)
	p.Root = l.path(orDefault(f.Root, DefaultRoot))
	p.Keys = l.keys(f.Keys, DefaultKey)
}

func (l *loader) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(l.dir, filepath.FromSlash(name))
}

// keys returns the names of the signing keys. The default is one key file.
func (l *loader) keys(names List[At[string]], file string) []string {
	if names.Pos == (Pos{}) {
		return []string{l.path(file)}
	}
	var keys []string
	for _, name := range names.Items {
		l.checkText(name, "the key", MaxKeyNameLength)
		switch key := name.Value; {
		case !name.Given():
		case slices.Contains(keys, key) || slices.Contains(keys, l.path(key)):
			l.fail(name.Pos, fmt.Sprintf("the key %q appears twice", key), "")
		case signer.InFile(key):
			keys = append(keys, l.path(key))
		default:
			keys = append(keys, key)
		}
	}
	if n := len(names.Items); n == 0 || n > bundle.MaxSignatures {
		l.fail(names.Pos, fmt.Sprintf("there are %d keys; write 1 to %d", n, bundle.MaxSignatures), "")
	}
	return keys
}

// bucket returns a URL as it is, and a path joined with the project directory.
func (l *loader) bucket(text At[string]) string {
	l.checkText(text, "the bucket", MaxBucketLength)
	scheme, _, isURL := strings.Cut(text.Value, "://")
	if !isURL {
		return l.path(text.Value)
	}
	const forms = "write s3://bucket/prefix?region=…, file:///directory, or the path of a directory"
	u, err := url.Parse(text.Value)
	switch {
	case err != nil:
		l.fail(text.Pos, "the bucket is not a valid URL", forms)
	case scheme != "s3" && scheme != "file":
		l.fail(text.Pos, fmt.Sprintf("unknown bucket scheme %q", scheme), forms)
	case scheme == "s3" && u.Host == "":
		l.fail(text.Pos, "the URL does not name a bucket", forms)
	case u.User != nil:
		l.fail(text.Pos, "the URL contains credentials", "put credentials in the AWS environment variables or files")
	}
	return text.Value
}

func (l *loader) resolveUnits() {
	units := l.project.File.Units
	for _, unit := range units.Items {
		if !unit.Given() {
			continue
		}
		l.checkKey(unit, "a unit")
		if slices.Contains(l.project.Units, unit.Value) {
			l.fail(unit.Pos, fmt.Sprintf("the unit %q appears twice", unit.Value), "")
			continue
		}
		l.project.Units = append(l.project.Units, unit.Value)
	}
	if n := len(l.project.Units); n > model.MaxUnits {
		l.fail(units.Pos, fmt.Sprintf("there are %d units; the limit is %d", n, model.MaxUnits), "")
	}
	if len(l.project.Units) == 0 {
		l.project.Units = []string{DefaultUnit}
	}
}

// unit returns the index of a unit type. The first is the default.
func (l *loader) unit(name At[string]) int {
	if !name.Given() {
		return 0
	}
	return l.lookup(name, "unit", "units", l.project.Units)
}

var attributeTypes = map[string]model.Type{
	"string": model.String, "number": model.Number, "bool": model.Bool,
	"version": model.Version, "time": model.Time, "list": model.StringList,
}

func (l *loader) resolveAttributes() {
	attributes := l.project.File.Attributes
	if n := len(attributes.Entries); n > model.MaxAttributes {
		l.fail(attributes.Pos, fmt.Sprintf("there are %d attributes; the limit is %d", n, model.MaxAttributes), "")
	}
	for _, e := range attributes.Entries {
		l.checkAttributeName(e.Key)
		l.project.Attributes = append(l.project.Attributes, model.Attribute{Name: e.Key.Value, Type: attributeTypes[e.Value.Type.Value]})
	}
	slices.SortFunc(l.project.Attributes, func(a, b model.Attribute) int { return cmp.Compare(a.Name, b.Name) })
}

func (l *loader) resolveLayers() {
	layers := l.project.File.Layers
	if n := len(layers.Entries); n > model.MaxLayers {
		l.fail(layers.Pos, fmt.Sprintf("there are %d layers; the limit is %d", n, model.MaxLayers), "")
	}
	for _, e := range layers.Entries {
		l.checkKey(e.Key, "a layer")
		l.project.Layers = append(l.project.Layers, Layer{
			Key: e.Key.Value, Description: e.Value.Description.Value, Holdout: holdout(e.Value.Holdout),
		})
	}
	slices.SortFunc(l.project.Layers, func(a, b Layer) int { return cmp.Compare(a.Key, b.Key) })
}

// holdout returns nil if the file gives no holdout.
func holdout(entry *HoldoutEntry) *Holdout {
	if entry == nil {
		return nil
	}
	return &Holdout{Traffic: entry.Traffic.Value}
}

func (l *loader) resolveMetrics() {
	for _, e := range l.project.File.Metrics.Entries {
		m := e.Value
		l.checkKey(e.Key, "a metric")
		l.checkText(m.Event, "the event", event.MaxNameLength)
		l.checkText(m.Value, "the value", event.MaxNameLength)
		switch kind := MetricKind(m.Kind.Value); {
		case kind == Mean && !m.Value.Given():
			l.fail(m.Kind.Pos, `a mean metric needs the key "value"`, "value names the property of the event that is summed, for example amount")
		case kind == Conversion && m.Value.Given():
			l.fail(m.Value.Pos, "a conversion metric has no value", `remove it, or write kind: mean`)
		}
		l.project.Metrics = append(l.project.Metrics, Metric{
			Key: e.Key.Value, Event: m.Event.Value, Kind: MetricKind(m.Kind.Value),
			Value: m.Value.Value, Goal: Goal(orDefault(m.Goal, string(Increase))),
			Baseline: l.baseline(MetricKind(m.Kind.Value), m.Baseline),
		})
	}
	slices.SortFunc(l.project.Metrics, func(a, b Metric) int { return cmp.Compare(a.Key, b.Key) })
}

func (l *loader) exclude(kind model.ExclusionKind, text At[string]) {
	if expr := l.expression(text); expr != nil {
		l.project.Exclusions = append(l.project.Exclusions, model.Exclusion{Kind: kind, Audience: expr})
	}
}
