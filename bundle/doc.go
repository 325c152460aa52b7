// Package bundle seals, verifies and opens bundles, which carry a program from the publisher
// to the edge. It treats the program's payload as bytes; package payload reads and writes
// those.
//
// # Parties
//
// A publisher compiles experiments and flags into a payload, and signs a manifest that names
// the payload by its hash. A store keeps both, and is trusted only to keep them. A host has a
// root document, which names the keys that it trusts. It may fetch the manifest and the
// payload from anywhere, and uses them only if they are what the publisher signed.
//
// # Names in the store
//
//	root/<n>.json              root document n: keys, thresholds, epoch
//	m/<epoch>/<revision>.json  manifest of a revision; creating it is what publishes
//	latest.json                a copy of the newest manifest: a hint, which may be old or wrong
//	b/<sha256>                 a packed payload
//	d/<sha256>                 a delta: a payload packed against an earlier one
//	c/<sha256>                 a core.wasm
//	a/<sha256>                 an entry of the audit log, see package audit
//	s/<sha256>                 a declaration: what a revision's directory declared, for publishers
//	hosts/<host id>.json       the newest report of a host, see package hostreport
//	events/…                   exposures and outcomes, see package event
//
// <sha256> is the hash of the object's bytes. Every object but latest.json and the reports of
// hosts is created once and never changed.
//
// # Envelope
//
// Root documents and manifests are signed in DSSE envelopes
// (https://github.com/secure-systems-lab/dsse, protocol 1.0) with Ed25519. Each has its own
// payload type, so that a signature of one is never valid for the other:
//
//	application/vnd.sortition.root+json
//	application/vnd.sortition.manifest+json
//
// Each document and each envelope has one canonical form, which this package writes. Every
// other form is refused, so that two readers cannot understand the same signed bytes
// differently.
//
// # Roots
//
// A root names keys. For each of two roles it says which keys may sign and how many of them
// must: the role root is for roots, the role publish is for manifests. A host is configured
// with one root of the chain. It reads the roots that follow from the store, and accepts each
// only if
//
//   - enough root keys of the previous root signed it, and enough of its own;
//   - its version is one above that of the previous root, and its field previous is the
//     SHA-256 of the previous root's document;
//   - it has the same epoch and base, or a later epoch and a base that is not lower.
//
// A reader that needs earlier roots, such as a publisher, follows the field previous.
// Signatures of keys without a role are ignored. Expiry is not checked here: an expired root
// makes its manifests stale, and can still be followed.
//
// A root of the same epoch replaces keys that were not stolen. Manifests that earlier roots of
// the epoch allowed stay valid, but new ones must be signed under the newest root. After a
// publishing key was stolen, a root of the next epoch ends the epoch that the thief can sign
// for. Its base is the last revision that stays valid. The revisions of the new epoch begin
// after the base, and hosts refuse revisions of earlier epochs that are above it.
//
//	revision   1 … 10   11 12 …           by the thief: m/1/11.json, m/1/4711.json
//	epoch 1    ■ … ■    □  □
//	epoch 2             ■  ■ …            base 10: m/2/11.json
//
// # Applications
//
// A directory can serve several applications, each with some of its experiments and flags. A
// manifest then names the payload of all applications and one payload for each, in the order
// of the applications' names:
//
//	"payload":{"raw":{…},"gzip":{…},"zstd":{…},"deltas":[…]},
//	"applications":[{"name":"ios","payload":{"raw":{…},"gzip":{…},"zstd":{…},"deltas":[]}},
//	                {"name":"web","payload":{"raw":{…},"gzip":{…},"zstd":{…},"deltas":[…]}}]
//
// There are at most 32 applications, with at most 48 deltas together. A manifest without
// applications leaves the field out. Each payload is named by hash and size, like the payload
// of all. A host is configured with one name or none. With a name, it takes the payload of
// that application, and refuses a manifest that has only others. Without a name, or if the
// manifest has no applications, it takes the payload of all.
//
// The payload of an application is derived from that of all: its experiments and flags, with
// the same slots, phases and salts, and what these refer to. The numbers of unit types and
// attributes are the same too. So every application that has an experiment gives a unit the
// same variant of it, and layers and holdouts are shared across applications.
//
// # Canary
//
// A manifest's canary is null, or restricts the revision to some hosts:
//
//	"canary":{"stable":11,"salt":"canary-1-12","share":500,
//	          "labels":[{"name":"region","values":["eu","us"]}]}
//
// A host is in the canary if, for each listed label, it has one of the values, and if its slot
// is below share. The slot is drawn as package payload describes, with the canary's salt and
// the host's id. A host without an id has no slot, and is in a canary only if the share is
// 10,000. In a canary that does not select by labels, the list is empty.
//
// A host outside the canary takes the revision that stable names instead,
// m/<epoch>/<stable>.json. That is an earlier revision of the same epoch without a canary of
// its own. It may be signed under an earlier root of the epoch; otherwise it is verified like
// every manifest.
//
// No host goes back, not even to stable: a host that has used a revision later than stable is
// in the canary, whatever its id and labels are now. So a canary ends, for every host, with a
// later revision that has none. That has either the canary's payload or that of stable.
//
// As a worked example, take the salt "canary-1-12". The host "edge-24" draws the hash
// 032dbc47cf8cff6b and so the slot 124; the host "edge-8" draws 29ad214a2d156081 and 1627. A
// share of 500 selects "edge-24", if its label region is eu or us, and not "edge-8".
//
// An attacker who hides manifests from hosts can only delay them: whatever a host takes
// instead is signed as well.
//
// # Packing
//
// A manifest names the raw payload and the objects that it can be made from: the payload
// packed with gzip, which every runtime can read; the payload packed with zstd; and deltas,
// each packed with zstd against one earlier raw payload. A delta is a zstd frame (RFC 8878)
// without checksum and dictionary number. Its dictionary is the earlier payload:
//
//	zstd -d --patch-from=earlier-payload delta.zst
//
// A reader fetches at most the signed size of the object, inflates at most the raw size, and
// compares the raw hash, whichever object it took. A reader takes the whole payload if it
// lacks the earlier payload of a delta, or if the delta is missing or wrong.
//
// # Core
//
// A manifest names the core that its payload was made for, by hash, size and ABI. The
// publisher puts that core into the store. A host with another core of the same ABI may fetch
// it. The host decides with the fetched core if its hash is right, it imports nothing, it has
// every export, and it returns the records of the payload's vectors. Otherwise the host
// decides with its own core, if that returns these records, and reports that it is behind. A
// host whose own core has another ABI refuses the revision, because it could call neither
// core.
//
// # Payload
//
// Package payload describes the payload, and how the variant of a unit is drawn.
package bundle
