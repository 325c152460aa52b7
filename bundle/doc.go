// Package bundle defines what travels from the publisher to the edge, and seals and
// opens it.
//
// # Parties
//
// A publisher compiles experiments and flags into a payload and signs a manifest that
// names the payload by hash. A store keeps both and is trusted with nothing but
// keeping them. A host holds a root document, which names the keys it trusts; it
// fetches manifest and payload from anywhere, and serves them only if they prove to be
// what the publisher signed.
//
// # Names in the store
//
//	root/<n>.json              root document n: keys, thresholds, epoch
//	m/<epoch>/<revision>.json  manifest of a revision; creating it is what publishes
//	latest.json                a copy of the newest manifest: a hint, maybe old or wrong
//	b/<sha256>                 a packed payload
//	d/<sha256>                 a delta: a payload packed against an earlier one
//	c/<sha256>                 a core.wasm
//	a/<sha256>                 an entry of the audit log, see package audit
//	s/<sha256>                 a declaration: what a revision's directory said, for publishers
//	hosts/<host id>.json       the newest report of a host, see package hostreport
//	events/…                   what edges recorded, see package event
//
// <sha256> is the hash of the object's bytes.
//
// Everything but latest.json is created once and never changed.
//
// # Envelope
//
// Root documents and manifests are signed in DSSE envelopes
// (https://github.com/secure-systems-lab/dsse, protocol 1.0) with Ed25519. The payload
// type tells the two apart, so that a signature of one is never one of the other:
//
//	application/vnd.sortition.root+json
//	application/vnd.sortition.manifest+json
//
// There is one valid way to write each document and envelope: what this package would
// write. Anything else is refused, so that no two readers can understand the same
// signed bytes differently.
//
// # Roots
//
// A root names keys, and for each of two roles how many of which keys must sign: root
// for roots, publish for manifests. A host is given one root, any of the chain; each
// that follows is read from the store and accepted only if
//
//   - enough root keys of the root before signed it, and enough of its own;
//   - its version is that of the root before plus one, and it names the SHA-256 of that
//     root's document as previous;
//   - it is of the same epoch and base, or of a later epoch and a base that is no lower.
//
// A reader that needs the past, such as a publisher, walks back over previous. Signatures
// of keys that have no role are no fault, and expiry is not looked at: an expired root
// makes what it vouches for stale, and can still be followed.
//
// Within an epoch, a root replaces keys that were not stolen: what the earlier roots of
// the epoch vouched for stays in force, but new manifests must be signed under the newest
// root. After a publishing key was stolen, a root of the next epoch ends the epoch of the
// thief. Its base is the last revision that counts: the revisions of the new epoch begin
// with the next, and everything of earlier epochs beyond it never was.
//
//	revision   1 … 10   11 12 …           the thief's: m/1/11.json, m/1/4711.json
//	epoch 1    ■ … ■    □  □
//	epoch 2             ■  ■ …            base 10: m/2/11.json
//
// # Applications
//
// A directory can serve several applications, each of which has some of its experiments
// and flags. A manifest then names, beside the payload of them all, one for each, in the
// order of their names:
//
//	"payload":{"raw":{…},"gzip":{…},"zstd":{…},"deltas":[…]},
//	"applications":[{"name":"ios","payload":{"raw":{…},"gzip":{…},"zstd":{…},"deltas":[]}},
//	                {"name":"web","payload":{"raw":{…},"gzip":{…},"zstd":{…},"deltas":[…]}}]
//
// There are at most 32, with at most 48 deltas together; where there are none, the field is
// left out. Each is bound by hash and size as the payload of all is. A host is told at most
// one name. It takes the payload of that, refuses a manifest that has others, and takes the
// payload of all if the manifest has none, or if it was told no name.
//
// The payload of an application follows from that of all: its experiments and flags, with
// the same slots, phases and salts, and what these refer to. The numbers of unit types and
// attributes are the same too. A unit is so given the same variant of an experiment by
// each application that has it, and experiments that share a layer or a holdout share it
// across applications.
//
// # Canary
//
// A manifest's canary is null, or says that the revision is for some hosts only:
//
//	"canary":{"stable":11,"salt":"canary-1-12","share":500,
//	          "labels":[{"name":"region","values":["eu","us"]}]}
//
// A host is in the canary if it has one of the values of each label that is listed, and
// if its slot, drawn as package payload tells with the canary's salt and the host's id, is
// below share. A host that has no id has no slot, and is in a canary only if its share is
// 10,000. Without a canary by labels the list is empty. A host that is not in the
// canary takes the revision that stable names instead, m/<epoch>/<stable>.json. That is
// an earlier one of the same epoch, may be signed under an earlier root of the epoch,
// and has no canary itself; in all else it is verified as any other.
//
// No host goes back, not to stable either: one that has had a later revision than stable
// is in the canary, whatever its id and labels are now. So a canary ends for every host
// with a later revision that has none: with the same payload, which hosts in the canary
// have already, or with that of stable.
//
// As a worked example, with the salt "canary-1-12" the host "edge-7" draws
// 04f0baa9cb096396 and so the slot 192, and "edge-8" draws deef88b69dded23f and 8708: of
// the two, a share of 500 has "edge-7" if its label region is eu or us.
//
// Who hides a manifest from hosts, in the canary or not, can delay it and no more: what a
// host may have instead is signed as well.
//
// # Packing
//
// A manifest names the raw payload, and what it can be made from: the same packed with
// gzip, for every runtime; packed with zstd; and deltas, each packed with zstd against
// one earlier raw payload. A delta is a zstd frame (RFC 8878) without checksum and
// dictionary number, whose dictionary is that payload as it is:
//
//	zstd -d --patch-from=earlier-payload delta.zst
//
// A reader fetches no more than the size of the object that was signed, inflates no more
// than the raw size, and compares the raw hash, whichever it took. One that has no use
// for a delta, because it lacks the earlier payload or because the delta is missing or
// wrong, takes the whole payload.
//
// # Core
//
// A manifest names the core that its payload was made for by hash, size and ABI, and the
// publisher puts it into the store. A host that brings another core of that ABI may fetch
// it, and decides with it if its hash is right, it imports nothing, has every export, and
// gives the records of the payload's vectors. Otherwise the host decides with its own
// core, if that gives them, and says that it is behind. A host whose own core is of another
// ABI refuses the revision: it could not speak to either.
//
// # Payload
//
// Package payload tells what is in a payload, and how a unit's variant is drawn.
package bundle
