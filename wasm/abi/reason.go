package abi

// Reason is the reason of a decision.
type Reason uint8

// The reasons, in the order of the steps. The numbers are part of the ABI
// (wasm/ABI.md) and never change.
const (
	ReasonNone         Reason = 0  // never given
	ReasonNoUnit       Reason = 1  // the request has no id for the experiment's unit
	ReasonKillSwitch   Reason = 2  // paused
	ReasonOverride     Reason = 3  // assigned: the unit is on the experiment's override list
	ReasonOptOut       Reason = 4  // the unit has opted out of experiments
	ReasonBot          Reason = 5  // the request matches the bot exclusion
	ReasonInternal     Reason = 6  // the request matches the internal exclusion
	ReasonHoldout      Reason = 7  // the unit is held out
	ReasonNotStarted   Reason = 8  // now is before the start
	ReasonEnded        Reason = 9  // now is not before the end
	ReasonPrerequisite Reason = 10 // a required experiment or flag does not give a required variant
	ReasonLayer        Reason = 11 // the rule does not own the unit's slot of the layer
	ReasonAudience     Reason = 12 // the audience does not match
	ReasonTraffic      Reason = 13 // the unit's position is beyond the current traffic
	ReasonSplit        Reason = 14 // assigned: by the rule's split
	ReasonDefault      Reason = 15 // a flag's default variant: no rule applied

	// ReasonSticky says that the unit keeps an earlier variant. Hosts give it, never a core.
	ReasonSticky Reason = 16
)

var reasonNames = [...]string{
	ReasonNone: "none", ReasonNoUnit: "no_unit", ReasonKillSwitch: "kill_switch",
	ReasonOverride: "override", ReasonOptOut: "opt_out", ReasonBot: "bot", ReasonInternal: "internal",
	ReasonHoldout: "holdout", ReasonNotStarted: "not_started", ReasonEnded: "ended",
	ReasonPrerequisite: "prerequisite", ReasonLayer: "layer", ReasonAudience: "audience", ReasonTraffic: "traffic",
	ReasonSplit: "split", ReasonDefault: "default", ReasonSticky: "sticky",
}

// String returns the name that HTTP and reports use, or "unknown".
func (r Reason) String() string {
	if int(r) < len(reasonNames) && reasonNames[r] != "" {
		return reasonNames[r]
	}
	return "unknown"
}
