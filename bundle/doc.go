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
// the same slots, epochs and salts, and what these refer to. The numbers of unit types and
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
// if its slot, drawn as in section Deciding with the canary's salt and the host's id, is
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
// A payload is one msgpack map (https://github.com/msgpack/msgpack/blob/master/spec.md).
// It says nothing of the environment that it is for, which is the manifest's to say: so
// the same payload, and its hash, can be published to one after the other. Its keys are
// strings; one is a value:
//
//	schema  int  1
//
// and all others are columns: bin values that hold one flat array each of unsigned
// little-endian integers, of 1, 2, 4 or 8 bytes. Those of 4 bytes are stored as
// differences, modulo 2³², of which the first is from 0: most of them ascend, and their
// differences pack well. All others are used where they lie. Readers pass over keys they
// do not know. A column named x.end divides another table into parts: part i runs from
// element i-1 of x.end (0 for the first) to element i. All ones in an index means "none"
// where that is allowed.
//
// Strings are numbers: index i means the i-th string of the text columns. T marks such
// a column of 4 bytes below.
//
//	text                  1  all strings, UTF-8 or bytes, one after the other
//	text.end              4
//
//	unit.name             T  by unit type
//	attribute.name        T  by attribute
//	attribute.type        1  1 string, 2 number, 3 bool, 4 version, 5 time, 6 list
//	segment.key           T  by segment
//	segment.unit          1  index of a unit type
//	segment.hashes.end    4
//	segment.hash          8  xxhash64 (seed 0) of each id, ascending in a segment
//	layer.key             T  by layer
//	layer.salt            T
//	holdout.key           T  by holdout
//	holdout.salt          T
//	holdout.slots         2  units whose slot is below are held out, 0 … 10,000
//	opt_out.segment       4  segments whose units take part in no experiment
//	exclusion.rule        4  two elements: the bot rule and the internal rule, or none
//
//	experiment.key        T  by experiment or flag, ascending
//	experiment.kind       1  0 experiment, 1 flag
//	experiment.killed     1  1 if paused
//	experiment.unit       1  index of a unit type
//	experiment.salt       T
//	experiment.layer      2  index of a layer, or none
//	experiment.holdouts.end  4
//	experiment.holdout    2  index of a holdout
//	experiment.start      8  milliseconds since the Unix epoch, 0 for unbounded
//	experiment.end        8
//	experiment.epoch      4
//	experiment.variants.end  4
//	experiment.default    2  index of a variant of this flag; none for an experiment
//	experiment.rules.end  4
//	experiment.prerequisites.end  4
//	prerequisite.experiment  4  an experiment that must give …
//	prerequisite.variants.end  4
//	prerequisite.variant  2  … one of these of its variants; chains are at most 8 long
//	variant.key           T  by variant of all experiments
//	variant.name          T
//	variant.config        T  JSON
//	override.hash         8  ascending: xxhash64 (seed 0) of a unit's id
//	override.experiment   4
//	override.variant      2  index of a variant of that experiment
//
//	rule.traffic          2  by rule: positions below are enrolled, 0 … 10,000
//	rule.steps.end        4
//	step.at               8  from this millisecond on, ascending …
//	step.traffic          2  … this is the traffic
//	rule.ranges.end       4
//	range.from            2  slots that the rule owns, in the order of positions
//	range.to              2
//	rule.shares.end       4
//	share.to              2  variant slots below belong to the variant; the last is 10,000
//	share.variant         2  index of a variant of that experiment
//	rule.clauses.end      4
//	rule.clause           4  index of a clause, ascending in a rule; each clause stands once
//
// For hosts that keep pages or variants; left out where no experiment says so:
//
//	experiment.routes.end 4
//	route.pattern         T  see package route
//	experiment.sticky     1  1 if hosts are asked to keep the variant that they have given
//
// For publishers, where a directory serves several applications:
//
//	application.name      T  ascending, at most 32
//	experiment.applications  4  bit i: it is for application i; all ones if for every one
//
// Rules of experiments come first, in order; those of the exclusions, which have
// clauses only, come last.
//
// # Audience index
//
// A rule's audience is a list of clauses, of which one must match. A clause has a
// condition on each of some axes, and residual tests. An axis is one way to look at a
// request, and divides what it can see into cells:
//
//	axis.kind             1  see below
//	axis.of               2  index of an attribute, or of a segment for kind 6
//	axis.width            4  words of a row
//	axis.values.end       4
//	value                 8  index of a string for kinds 1, 3, 5; an ordered key for kind 2
//	axis.cells.end        4
//	cell.row              4  by cell of all axes: the number of its row, from 0
//
//	kind  of a        cells after cell 0, which stands for a missing value
//	1     string      1 another string, 2+i value i
//	2     number,time 1+2i below value i and above those before, 2+2i value i itself
//	3     version     as 2; the strings are version keys
//	4     bool        1 false, 2 true
//	5     list        1 without the value, 2 with it
//	6     segment     1 outside, 2 inside; 0 if the request has no such unit
//	7     list        1 any list
//
// Ordered keys and version keys are integers and byte strings with the order of what
// they stand for: see assign.NumberKey, assign.TimeKey and assign.VersionKey.
//
// Clauses lie in blocks of 64. In each block only the axes that its clauses mention
// have bits, one word for each cell:
//
//	block.axes.end        4  by block
//	block.axis            2  index of an axis
//	block.word            4  which word of the axis's rows is the block's
//	row.bits              8  bit i: clause i of the block can match in this cell
//
// The rows are those of the axes, in their order, and lie there by words: the first words
// of all rows of the axis, then the second ones, and so on. So word w of row r of an axis
// of n rows, which begins at word b of the column, is row.bits[b + w·n + r], and the
// clauses of a block that match a request are the AND of the block's words of the rows of
// the request's cells, over the block's axes, less those of which a residual test fails:
//
//	clause.tests.end      4  by clause
//	test.op               1  see below
//	test.negated          1  1 if it must not hold
//	test.attribute        2  index of an attribute
//	test.argument         8
//
//	op  holds if the attribute …                          argument
//	1   is a string that begins with a text               the text
//	2   is a string that ends with it                     the text
//	3   is a string that contains it                      the text
//	4   is a string in which an automaton finds a match   index of the automaton
//	5   equals another attribute of its type              index of the other
//	6   is less than the other                            index of the other
//	7   is less than or equal to the other                index of the other
//	8   is a time that lies so long before now            milliseconds, signed
//
// Types that have no order, string among them, have op 5 only; bools and lists have
// none. A test of a missing attribute fails, negated or not.
//
// An automaton stands for a regular expression. It reads a string byte by byte, each as
// its class, and then the end as the symbol after the last class. State 2 is the start;
// state 1 says that there is a match, state 0 that there is none, and both are final.
//
//	automaton.class       1  by automaton: 256 classes, by byte
//	automaton.width       2  number of symbols: classes and the end
//	automaton.next.end    4
//	automaton.next        2  by state and symbol: the next state
//
// # Ledger
//
// What the publisher has to know of earlier revisions to make the next one. Hosts and
// cores pass over it, and the payload of an application has none of it.
//
//	rest.key              T  slots at rest, by key of the experiment that gave them up
//	rest.layer            T  key of the layer, which need not be in the program
//	rest.until            8  from this millisecond on others may get them
//	rest.slots.end        4
//	rest.from             2  in the order of positions
//	rest.to               2
//	former.key            T  experiments and flags that have left, or gone back to an
//	                         earlier epoch, ascending
//	former.epoch          4  the last: whoever returns does so in the next one
//	former.left           8  when, in milliseconds
//	kill.key              T  kill switches thrown by command, ascending
//	kill.at               8  when, in milliseconds
//	kill.paused           1  1 if experiment.killed stays 1 when the kill is undone
//	clock.key             T  clocks of ramps that were stopped or set by command, ascending
//	clock.at              8  when, in milliseconds
//	clock.shows           8  what the clock showed then
//	clock.stopped         1  1 if it shows that still
//	clock.ramps.end       4
//	ramp.rule             2  index into the rules of the experiment
//	ramp.traffic          2  as rule.traffic and step.* without the clock
//	ramp.steps.end        4
//	ramp.step.at          8
//	ramp.step.traffic     2
//
// # Vectors
//
// A payload brings requests with the records that every core must answer with; a host
// tries them before it serves the payload. wasm/ABI.md tells the form of both. The fields
// of the records are in columns of their own.
//
//	vector.request        T  by vector
//	vector.records.end    4
//	vector.experiment     4  by record
//	vector.variant        2
//	vector.reason         1
//	vector.rule           1
//
// Their texts are the last ones, and nobody else's.
//
// # Deciding
//
// The draw is a hash that anyone can recompute:
//
//	h            = xxhash64(salt ‖ 0x00 ‖ unit id), seed 0
//	slot         = (h >> 32) × 10,000 >> 32
//	variant slot = (h & 0xffffffff) × 10,000 >> 32
//
// The slot of an experiment is drawn with its layer's salt, or its own where it has no
// layer; the variant slot always with its own. The position of a unit is the rank of
// its slot in the ranges of the rule. Package assign takes the steps in their order.
//
// As a worked example, take the salt "checkout_button" and the user "user-1". Then
//
//	h            = xxhash64("checkout_button\x00user-1") = 0xd5f17fe41ab6ec82
//	slot         = 8357
//	variant slot = 1043
//
// and in ClickHouse
//
//	SELECT xxHash64('checkout_button\0user-1') AS h,
//	       bitShiftRight(bitShiftRight(h, 32) * 10000, 32) AS slot,
//	       bitShiftRight(bitAnd(h, 4294967295) * 10000, 32) AS variant_slot
//
// Further values, for other implementations to try:
//
//	salt             unit id                               hash              slot  variant slot
//	checkout_button  42                                    db9ccb9d31964df2  8578  1936
//	layer/home       user-1                                170c71909c991489  900   6117
//	holdout/global   user-1                                e1f54c0d3f2f951c  8826  2468
//	price_test       018f3c5e-7b1a-7c3e-9d42-5f0e6a1b2c3d  9adb161b8fd7ed69  6049  5618
//	é                ü                                     d65c774ecfa79561  8373  8111
package bundle
