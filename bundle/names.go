package bundle

import "strconv"

// LatestName is the name of the hint: a copy of the newest manifest's envelope, which
// saves a host from walking every revision. It may be old, missing or wrong.
const LatestName = "latest.json"

// RootName returns the name of a root's envelope.
func RootName(version uint64) string {
	return "root/" + strconv.FormatUint(version, 10) + ".json"
}

// ManifestName returns the name of a manifest's envelope. It is created once and never
// overwritten: creating it is what publishes the revision. The epoch is part of it, so
// that names taken by the thief of a key are out of the way once the key is revoked.
func ManifestName(epoch, revision uint64) string {
	return "m/" + strconv.FormatUint(epoch, 10) + "/" + strconv.FormatUint(revision, 10) + ".json"
}

// PayloadName returns the name of a packed payload from the hash of its bytes.
func PayloadName(packed Hash) string { return "b/" + packed.String() }

// DeltaName returns the name of a delta from the hash of its bytes.
func DeltaName(packed Hash) string { return "d/" + packed.String() }

// CoreName returns the name of a core from the hash of its bytes.
func CoreName(wasm Hash) string { return "c/" + wasm.String() }

// AuditName returns the name of an entry of the audit log from the hash of its bytes.
func AuditName(entry Hash) string { return "a/" + entry.String() }

// DeclarationName returns the name of a revision's declaration from the hash of its bytes.
func DeclarationName(declaration Hash) string { return "s/" + declaration.String() }
