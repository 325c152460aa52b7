package attack_test

import (
	"maps"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
)

// clockError is what a machine's clock is off by when it has the wrong date and the
// wrong time zone.
const clockError = 26 * time.Hour

// replayRows show valid manifests in the wrong place or at the wrong time.
func replayRows() []row {
	old := func(a *attacker) []byte { return a.envelopeOf(3) }
	return []row{
		{attack: "nothing happens", do: func(*attacker) {}},
		{attack: "news", why: "no attack", do: func(a *attacker) { a.bucket = a.history[coming] }, want: version(coming)},
		{attack: "rollback: an old hint", do: func(a *attacker) { a.bucket[bundle.LatestName] = old(a) }, reason: reload.ReasonOlder},
		{attack: "rollback: an old manifest as the next", do: func(a *attacker) {
			a.bucket[bundle.ManifestName(1, coming)] = old(a)
		}, reason: reload.ReasonOlder},
		{attack: "rollback: the whole bucket as it was", do: func(a *attacker) { a.bucket = a.history[3] }, reason: reload.ReasonOlder},
		{attack: "rollback of a host that has nothing", why: "it cannot know better; without a state directory nobody could",
			do: func(a *attacker) { a.bucket = a.history[3] }, cold: true, want: version(3)},
		{attack: "equivocation: another message", do: func(a *attacker) {
			a.bucket[bundle.LatestName] = a.signed(atHand, func(m *bundle.Manifest) { m.Message = "other" }, a.keys...)
		}, reason: reload.ReasonEquivocation},
		{attack: "equivocation: another payload", do: func(a *attacker) {
			next := a.manifestOf(a.t, coming).Payload
			a.bucket[bundle.LatestName] = a.signed(atHand, func(m *bundle.Manifest) { m.Payload = next }, a.keys...)
		}, reason: reload.ReasonEquivocation},
		{attack: "freeze: the hint is held back", do: func(a *attacker) {
			a.bucket = maps.Clone(a.history[coming])
			a.bucket[bundle.LatestName] = a.envelopeOf(atHand)
		}, want: version(coming)},
		{attack: "freeze: the hint is gone", do: func(a *attacker) {
			a.bucket = maps.Clone(a.history[coming])
			delete(a.bucket, bundle.LatestName)
		}, want: version(coming)},
		{attack: "freeze: the hint goes back", do: func(a *attacker) {
			a.bucket = maps.Clone(a.history[coming])
			a.bucket[bundle.LatestName] = old(a)
		}, want: version(coming), reason: reload.ReasonOlder},
		{attack: "freeze until after the expiry", why: "hosts cannot tell a freeze from silence, but they can tell the time",
			do: func(*attacker) {}, now: published(atHand).Add(week), stale: true},
		{attack: "news after the expiry", do: func(a *attacker) { a.bucket = a.history[coming] },
			now: published(atHand).Add(week), want: version(coming)},
		{attack: "an empty bucket", do: func(a *attacker) { a.bucket = objects{} }},
		{attack: "an empty bucket at a cold start", do: func(a *attacker) { a.bucket = objects{} }, cold: true, nothing: true},
		{attack: "mix-and-match: another environment", do: manifest(func(m *bundle.Manifest) { m.Environment = "staging" }), reason: reload.ReasonEnvironment},
		{attack: "mix-and-match: an environment that begins alike", do: manifest(func(m *bundle.Manifest) { m.Environment = "production-eu" }), reason: reload.ReasonEnvironment},
		{attack: "an epoch that the root does not know", do: manifest(func(m *bundle.Manifest) { m.Epoch = 2 }), reason: reload.ReasonEpoch},
		{attack: "a clock that is 26 hours slow", do: func(a *attacker) { a.bucket = a.history[coming] },
			now: published(coming).Add(-clockError), want: version(coming)},
		{attack: "a clock that is 26 hours fast", do: func(a *attacker) { a.bucket = a.history[coming] },
			now: published(coming).Add(clockError), want: version(coming)},
		{attack: "a clock that is 26 hours fast at the end", do: func(a *attacker) { a.bucket = a.history[coming] },
			now: published(coming).Add(week - time.Hour + clockError), want: version(coming), stale: true},
		{attack: "a manifest under the name of a later one", why: "walking must not stop at it, nor skip what comes between",
			do: func(a *attacker) {
				a.bucket = maps.Clone(a.history[coming])
				a.bucket[bundle.LatestName] = old(a)
				a.bucket[bundle.ManifestName(1, coming+1)] = a.envelopeOf(coming)
			}, want: version(coming), reason: reload.ReasonOlder},
	}
}
