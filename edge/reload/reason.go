package reload

import (
	"errors"

	"github.com/sortition-dev/sortition/bundle"
)

// Reason says why something was refused. The set is fixed: it labels a metric.
type Reason string

// The reasons.
const (
	ReasonTooLarge       Reason = "too_large"       // an envelope over the limit
	ReasonEnvelope       Reason = "envelope"        // no canonical envelope of a manifest
	ReasonSignature      Reason = "signature"       // not signed by enough trusted keys
	ReasonManifest       Reason = "manifest"        // signed, but invalid
	ReasonRoot           Reason = "root"            // a root that does not follow the newest
	ReasonEpoch          Reason = "epoch"           // of another epoch than the newest root's
	ReasonEnvironment    Reason = "environment"     // of another environment
	ReasonApplication    Reason = "application"     // the manifest has others than the host's
	ReasonSchema         Reason = "schema"          // needs a newer program
	ReasonOlder          Reason = "older"           // than the revision at hand
	ReasonEquivocation   Reason = "equivocation"    // another content of the revision at hand
	ReasonPayloadMissing Reason = "payload_missing" // it, or the stable revision of a canary, is not in the source
	ReasonPayload        Reason = "payload"         // not the one that was signed
	ReasonDelta          Reason = "delta"           // missing, or not the one that was signed; the whole payload does as well
	ReasonCore           Reason = "core"            // missing, not the one that was signed, or of no use; the host's own does if it can
	ReasonActivation     Reason = "activation"      // the host could not put it into use
	ReasonQuarantine     Reason = "quarantine"      // it could not be put into use too often
	ReasonState          Reason = "state"           // what is kept across restarts could not be read or written
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

// Advice says what an operator can do about it.
func (r Reason) Advice() string { return advice[r] }

// reasonOf returns why a bundle was refused with err, or "" if err says that the source
// did not answer.
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
