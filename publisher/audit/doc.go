// Package audit writes and verifies the audit log, which says who published what, when and why.
//
// The log is in the bucket, so it is not trusted. Every manifest names the
// head of the log, so the signature of a revision covers the whole past. There is one entry for
// each revision; the entry of revision n is the n-th.
//
// # Entry
//
// An entry is an object a/<sha256 of its bytes>. The publisher creates it before the manifest
// that names it. It is one line of JSON with the fields in this order and without white space:
//
//	{"leaf":{"time":"2026-03-01T12:01:00Z","action":"publish","actor":"ann",
//	"message":"first","environment":"production","epoch":1,"revision":1,
//	"payload":"<sha256 of the raw payload>","declaration":"<sha256 of the declaration>",
//	"previous":"<sha256 of the entry before>",
//	"root":{"version":1,"sha256":"<hash of the root document>"},"overrides":[],
//	"withdrawn":[]},"proof":[]}
//
// Previous is 64 zeros in the first entry. The declaration is the object s/<sha256>, see package
// declaration; if there is none, the field is 64 zeros. Actor, message, time, environment, epoch,
// revision and payload are those of the manifest. If the root differs from that of the previous
// entry, the keys changed. Overrides are gates, and withdrawn are revisions that were replaced;
// see [Leaf]. Two optional fields follow. For a promoted payload, from is the revision of the
// other environment that the payload comes from. For a payload to be promoted, base is the
// revision of the other environment whose allocations it continues:
//
//	"from":{"environment":"staging","epoch":1,"revision":5}
//	"base":{"environment":"production","epoch":1,"revision":12}
//
// # Tree
//
// The leaves form a Merkle tree as in RFC 6962, section 2.1. The hash of a leaf is SHA-256(0x00 ‖
// leaf), where leaf is the JSON text of the field leaf in the entry. An inner hash is
// SHA-256(0x01 ‖ left ‖ right). The audit_head of a manifest is the root of the tree up to its
// entry, and the hash of the entry.
//
// The field proof is the inclusion proof of the leaf in that tree: the roots of the complete
// subtrees to its left, nearest first. So an entry alone is enough to compute
//
//   - the root of the tree: start with the hash of the leaf, and combine it with each element
//     of the proof, which is on the left;
//   - the root of the previous tree, which the previous manifest names: start with the first
//     element of the proof instead;
//   - the root of each subtree that the entry completes. To make a proof about two revisions,
//     it is enough to read as many entries as the proof has hashes.
//
// # Worked example
//
// In a log of three entries with the leaf hashes
//
//	hash 1  SHA-256(0x00 ‖ leaf 1)
//	hash 2  SHA-256(0x00 ‖ leaf 2)
//	hash 3  SHA-256(0x00 ‖ leaf 3)
//
// the entries and the root hashes are
//
//	entry 1  proof []                          root hash 1
//	entry 2  proof [hash 1]                    root SHA-256(0x01 ‖ hash 1 ‖ hash 2) = n
//	entry 3  proof [n]                         root SHA-256(0x01 ‖ n ‖ hash 3)
//
// The fourth entry completes the tree. Its proof is [hash 3, n], and its root is SHA-256(0x01 ‖ n
// ‖ SHA-256(0x01 ‖ hash 3 ‖ hash 4)). The last element of the proof is n, the root of two
// entries. So the proof alone shows that the entry continues the log of two entries. The example
// of this package has such a log with all its bytes.
//
// # What Verify detects
//
// [Verify] reads all objects of the log, including the declarations. It detects each object that
// was edited, deleted, exchanged or added, unless every later manifest was signed again. It
// detects a truncated end by evidence that remains: the hint, an entry that continues a revision
// without a manifest, or a host's report.
//
// The bucket alone cannot show that its end was truncated together with all evidence, or that a
// holder of the keys signed another past. A head that was seen before shows both. So publishers
// keep the last head that they saw, and anyone else can record heads, too.
//
// If a root begins a new epoch after revision n, the later revisions of the old epoch are no
// longer valid, and neither are their entries. The log continues from entry n.
//
// This package is internal to Sortition and may change without notice.
package audit
