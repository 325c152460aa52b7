package bundle

import "strconv"

// LatestName is the name of the hint, a copy of the newest manifest's envelope. With it, a host
// need not try every revision. The hint may be old, missing or wrong.
const LatestName = "latest.json"

// RootName returns the name of a root's envelope.
func RootName(version uint64) string {
	return "root/" + strconv.FormatUint(version, 10) + ".json"
}

// ManifestName returns the name of a manifest's envelope. The object is created once and never
// overwritten; creating it publishes the revision. The name contains the epoch. So objects that
// the thief of a key created do not block the names of the next epoch.
func ManifestName(epoch, revision uint64) string {
	return "m/" + strconv.FormatUint(epoch, 10) + "/" + strconv.FormatUint(revision, 10) + ".json"
}

// PayloadName returns the name of a packed payload with this hash.
func PayloadName(packed Hash) string { return "b/" + packed.String() }

// DeltaName returns the name of a delta with this hash.
func DeltaName(packed Hash) string { return "d/" + packed.String() }

// CoreName returns the name of a core with this hash.
func CoreName(wasm Hash) string { return "c/" + wasm.String() }

// AuditName returns the name of an entry of the audit log with this hash.
func AuditName(entry Hash) string { return "a/" + entry.String() }

// DeclarationName returns the name of a declaration with this hash.
func DeclarationName(declaration Hash) string { return "s/" + declaration.String() }
