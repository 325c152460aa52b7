package reload

import (
	"errors"

	"github.com/sortition-dev/sortition/bundle"
)

// Reason says why something was refused. The set is fixed, because reasons are label values of a
// metric.
type Reason string

// The reasons.
const (
	ReasonTooLarge     Reason = "too_large"    // an envelope over the limit
	ReasonEnvelope     Reason = "envelope"     // not a canonical envelope of a manifest
	ReasonSignature    Reason = "signature"    // not signed by enough trusted keys
	ReasonManifest     Reason = "manifest"     // signed, but invalid
	ReasonRoot         Reason = "root"         // a root that does not follow the newest one
	ReasonEpoch        Reason = "epoch"        // another epoch than the newest root's
	ReasonEnvironment  Reason = "environment"  // another environment
	ReasonApplication  Reason = "application"  // no payload for the host's application
	ReasonSchema       Reason = "schema"       // needs a newer program
	ReasonOlder        Reason = "older"        // older than the newest known revision
	ReasonEquivocation Reason = "equivocation" // the newest known revision with other content
	ReasonPayload      Reason = "payload"      // not the payload that was signed
	ReasonActivation   Reason = "activation"   // the host failed to activate the bundle
	ReasonQuarantine   Reason = "quarantine"   // the bundle failed to activate too often

	// The payload, or the stable revision of a canary, is not in the source.
	ReasonPayloadMissing Reason = "payload_missing"

	// The delta is missing, or not the one that was signed. The host fetches the whole payload.
	ReasonDelta Reason = "delta"

	// The core is missing, not the one that was signed, or unusable. The host uses its own core
	// if that has the ABI of the bundle's.
	ReasonCore Reason = "core"

	// The state directory could not be read or written.
	ReasonState Reason = "state"
)

var advice = map[Reason]string{
	ReasonTooLarge:       "an object in the bucket is not a manifest: restrict write access to the bucket, and publish again",
	ReasonEnvelope:       "the object was damaged or replaced: restrict write access to the bucket, and publish again",
	ReasonSignature:      "publish the root with the signing keys, or give it to the host; if the keys are not yours, restrict write access to the bucket",
	ReasonManifest:       "the publisher is newer than the host, or faulty: upgrade the host",
	ReasonRoot:           "compare the object with publisher root show; if it is not yours, delete it and restrict write access to the bucket",
	ReasonEpoch:          "publish with the newest root; if you did, somebody has write access to the bucket and uses revoked keys",
	ReasonEnvironment:    "use the bucket of the host's environment, or correct the name of the environment",
	ReasonApplication:    "start the host with an application that sortition.yaml declares, or declare this one and publish",
	ReasonSchema:         "upgrade the host",
	ReasonOlder:          "a cache or a replica is behind; if this lasts, somebody may be replaying old manifests",
	ReasonEquivocation:   "two manifests with the same revision were signed: check the publishers, and that the bucket supports If-None-Match",
	ReasonPayloadMissing: "publish again, and check that nothing deletes payloads or manifests in use",
	ReasonPayload:        "the payload was damaged or replaced: publish again, and restrict write access to the bucket",
	ReasonDelta:          "the whole payload was fetched instead; check that nothing deletes or changes objects in d/",
	ReasonCore:           "upgrade the host, or check that the bucket has the core; until then the host uses its own core where the bundle allows it",
	ReasonActivation:     "the host keeps the previous bundle: see the error, and publish a corrected revision",
	ReasonQuarantine:     "publish a corrected revision, or upgrade the host; to try this one again, delete quarantine.json in the state directory and restart",
	ReasonState:          "check the disk and the permissions of the state directory; until then a restart needs the bucket",
}

// Reasons returns every reason.
func Reasons() []Reason {
	return []Reason{
		ReasonTooLarge, ReasonEnvelope, ReasonSignature, ReasonManifest, ReasonRoot, ReasonEpoch, ReasonEnvironment, ReasonApplication, ReasonSchema,
		ReasonOlder, ReasonEquivocation, ReasonPayloadMissing, ReasonPayload, ReasonDelta, ReasonCore,
		ReasonActivation, ReasonQuarantine, ReasonState,
	}
}

// Advice says what an operator can do about a reason.
func (r Reason) Advice() string { return advice[r] }

// reasonOf returns the reason for a refusal with err, or "" if err is a failed read of the source.
func reasonOf(err error) Reason {
	for _, known := range []struct {
		err    error
		reason Reason
	}{
		{bundle.ErrEnvelope, ReasonEnvelope},
		{bundle.ErrSignature, ReasonSignature},
		{bundle.ErrManifest, ReasonManifest},
		{bundle.ErrEpoch, ReasonEpoch},
		{bundle.ErrEnvironment, ReasonEnvironment},
		{bundle.ErrApplication, ReasonApplication},
		{bundle.ErrSchema, ReasonSchema},
		{errOlder, ReasonOlder},
		{errEquivocation, ReasonEquivocation},
		{errABI, ReasonCore},
		{bundle.ErrMismatch, ReasonPayload},
		{bundle.ErrNotFound, ReasonPayloadMissing},
		{bundle.ErrTooLarge, ReasonTooLarge},
	} {
		if errors.Is(err, known.err) {
			return known.reason
		}
	}
	return ""
}
