// Package audit keeps and checks the log of everything that was published: who, when,
// why, and what.
//
// The log is part of the bucket and, like the rest of it, not trusted. Every manifest names the
// head of the log, so the signature of a revision covers the whole past. There is one entry for
// each revision; the entry of revision n is the n-th.
//
// # Entry
//
// An entry is an object a/<sha256 of its bytes>, created before the manifest that names
// it. It is one line of JSON with the fields in this order and without white space:
//
//	{"leaf":{"time":"2026-03-01T12:01:00Z","action":"publish","actor":"ann",
//	"message":"first","environment":"production","epoch":1,"revision":1,
//	"payload":"<sha256 of the raw payload>","declaration":"<sha256 of the declaration>",
//	"previous":"<sha256 of the entry before>",
//	"root":{"version":1,"sha256":"<hash of the root document>"},"overrides":[],
//	"withdrawn":[]},"proof":[]}
//
// The first entry has 64 zeros as previous. The declaration is the object s/<sha256>, see
// package declaration; where there is none, the field is 64 zeros. Actor, message, time,
// environment, epoch, revision and payload are those of the manifest.
// Where the root differs from that of the entry before, the keys were changed. Overrides
// are gates, withdrawn are revisions that were rolled back: see Leaf. Two fields stand
// at the end where they have something to say, and are left out otherwise: of a payload
// that was promoted, from is the revision of the other environment that it is of; of one
// that is to be promoted, base is the revision there that it continues:
//
//	"from":{"environment":"staging","epoch":1,"revision":5}
//	"base":{"environment":"production","epoch":1,"revision":12}
//
// # Tree
//
// The leaves are those of a Merkle tree as in RFC 6962, section 2.1: a leaf's hash is
// SHA-256(0x00 ‖ leaf), where leaf is the JSON text of the field leaf as it stands in the
// entry; an inner hash is SHA-256(0x01 ‖ left ‖ right). A manifest's audit_head names the
// root of the tree that its entry completes, and the hash of the entry.
//
// The field proof is the inclusion proof of the leaf in that tree: the roots of the
// complete subtrees on its left, nearest first. So an entry shows by itself
//
//   - what the tree is now: begin with the leaf, and hash each element of the proof on
//     the left of what there is;
//   - what the tree was before: the same, beginning with the first element of the
//     proof. It must be the root that the manifest before names;
//   - the hash of each subtree that the entry completes, from which proofs about any
//     two revisions are made by reading as many entries as the proof has hashes.
//
// # Worked example
//
// In a log of three entries with the leaf hashes
//
//	hash 1  SHA-256(0x00 ‖ leaf 1)
//	hash 2  SHA-256(0x00 ‖ leaf 2)
//	hash 3  SHA-256(0x00 ‖ leaf 3)
//
// entries and heads are
//
//	entry 1  proof []                          root hash 1
//	entry 2  proof [hash 1]                    root SHA-256(0x01 ‖ hash 1 ‖ hash 2) = n
//	entry 3  proof [n]                         root SHA-256(0x01 ‖ n ‖ hash 3)
//
// The fourth entry completes the tree: its proof is [hash 3, n], and its root
// SHA-256(0x01 ‖ n ‖ SHA-256(0x01 ‖ hash 3 ‖ hash 4)). That it continues the log of two
// entries is seen from its proof alone, which has their root n as its last element. The
// example of this package has such a log with all its bytes.
//
// # What is found, and what is not
//
// [Verify] reads everything, including the declarations. It finds each object that was edited,
// deleted, exchanged or added, unless every later manifest was signed again. It finds that the
// end was truncated by what is left of it: the hint, an entry that continues a revision without
// a manifest, or a host's report of what it serves.
//
// Two things the bucket alone cannot show: that its end was truncated together with all
// evidence, and that a holder of the keys signed another past. A head that was seen before shows
// both. Publishers therefore keep the last head that they saw, and anybody can write one down.
//
// When a root begins a new epoch after revision n, the entries after n of the earlier
// epoch are set aside with their revisions, and the log goes on from entry n.
//
// This package is internal to Sortition and may change without notice.
package audit
