// Package payload reads and writes payloads: programs as columns, which the core uses where
// they lie. It knows nothing of keys, manifests and stores, which are those of package
// bundle.
//
// This package is internal to Sortition and may change without notice.
//
// # Payload
//
// A payload is one msgpack map (https://github.com/msgpack/msgpack/blob/master/spec.md). It
// does not name its environment; the manifest does. So the same payload, with the same hash,
// can be published to one environment after the other. The keys of the map are strings. One
// key has a plain value:
//
//	schema  int  1
//
// All other keys are columns. A column is a bin value that holds a flat array of unsigned
// little-endian integers of 1, 2, 4 or 8 bytes. Columns of 4 bytes are stored as differences
// modulo 2³²: the first element is the difference to 0, each other element that to the one
// before it. Most of these columns ascend, and their differences pack well. All other columns
// are used in place. Readers ignore keys that they do not know.
//
// A column named x.end divides another table into parts: part i runs from element i-1 of x.end
// (0 for the first part) up to, and without, element i. An index of all ones means "none",
// where that is allowed.
//
// A string is given by its number: index i is the i-th string of the text columns. T marks
// such a column, of 4 bytes, below.
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
//	experiment.phase      4
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
// For hosts that cache pages or keep variants. These columns are left out if no experiment has
// routes or is sticky:
//
//	experiment.routes.end 4
//	route.pattern         T  see package route
//	experiment.sticky     1  1 if hosts are asked to keep the variant that a unit was given
//
// For publishers, where a directory serves several applications:
//
//	application.name      T  ascending, at most 32
//	experiment.applications  4  bit i: it is for application i; all ones: for every application
//
// The rules of experiments come first, in the order of the experiments. The rules of the
// exclusions come last; they have only clauses.
//
// # Audience index
//
// A rule's audience is a list of clauses; it matches if one of them does. A clause has
// conditions, each on one axis, and residual tests. An axis looks at one property of a
// request, and divides its possible values into cells:
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
// Ordered keys are integers, and version keys are byte strings, which sort as the values do
// that they stand for: see assign.NumberKey, assign.TimeKey and assign.VersionKey.
//
// Clauses are in blocks of 64. A block has bits only for the axes that its clauses mention, one
// word for each cell:
//
//	block.axes.end        4  by block
//	block.axis            2  index of an axis
//	block.word            4  which word of the axis's rows is the block's
//	row.bits              8  bit i: clause i of the block can match in this cell
//
// The column has the rows of each axis, in the order of the axes. For one axis it has the
// first words of all rows, then the second words, and so on: if the axis has n rows and begins
// at word b of the column, word w of its row r is row.bits[b + w·n + r].
//
// To find the clauses of a block that match a request, take, for each axis of the block, the
// block's word of the row of the request's cell. The AND of these words has a bit for each
// clause whose conditions hold. Of these, the clauses match whose residual tests all hold:
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
// Of the tests against another attribute, strings have only op 5, and bools and lists have
// none. A test of a missing attribute fails, whether it is negated or not.
//
// An automaton stands for a regular expression. It reads a string byte by byte; the symbol of
// a byte is its class. The end of the string is the symbol after the last class. State 2 is
// the start. States 1 and 0 are final: in state 1 there is a match, in state 0 there is none.
//
//	automaton.class       1  by automaton: 256 classes, by byte
//	automaton.width       2  number of symbols: classes and the end
//	automaton.next.end    4
//	automaton.next        2  by state and symbol: the next state
//
// # Ledger
//
// The ledger is what the publisher must know about earlier revisions to make the next one.
// Hosts and cores ignore it. The payload of an application has no ledger.
//
//	rest.key              T  slots at rest, by key of the experiment that gave them up
//	rest.layer            T  key of the layer, which need not be in the program
//	rest.until            8  from this millisecond on others may get them
//	rest.slots.end        4
//	rest.from             2  in the order of positions
//	rest.to               2
//	former.key            T  experiments and flags that have left, or gone back to an
//	                         earlier phase, ascending
//	former.phase          4  the last: whoever returns does so in the next one
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
// Vectors are requests with the records that every core must return for them. A host tries
// them before it serves the payload. wasm/ABI.md defines requests and records. Each field of
// the records has a column of its own.
//
//	vector.request        T  by vector
//	vector.records.end    4
//	vector.experiment     4  by record
//	vector.variant        2
//	vector.reason         1
//	vector.rule           1
//
// The texts of the requests are the last ones, and no other column refers to them.
//
// # Deciding
//
// The draw is a hash that anyone can recompute:
//
//	u            = xxhash64(unit id), seed 0
//	S            = xxhash64(salt), seed 0
//	h            = fmix64(u ^ S ^ 0x4cf2d2baae6da887)
//	slot         = (h >> 32) × 10,000 >> 32
//	variant slot = (h & 0xffffffff) × 10,000 >> 32
//
// where fmix64 is the 64-bit finalizer of MurmurHash3, modulo 2⁶⁴:
//
//	x = (x ^ x >> 33) × 0xff51afd7ed558ccd
//	x = (x ^ x >> 33) × 0xc4ceb9fe1a85ec53
//	x = x ^ x >> 33
//
// ClickHouse's intHash64 is fmix64 after the constant, so h is intHash64(bitXor(u, S)).
//
// The slot of an experiment is drawn with the salt of its layer, or with its own salt if it has
// no layer. The variant slot is always drawn with the experiment's own salt. The position of a
// unit is the rank of its slot in the ranges of the rule. wasm/ABI.md has the steps of a
// decision, in their order.
//
// As a worked example, take the salt "checkout_button" and the user "user-1". Then
//
//	u            = xxhash64("user-1")          = 0xa173746b114c6be8
//	S            = xxhash64("checkout_button") = 0xf779b0319aac7dee
//	h            = 0xd5be9cb16445dda1
//	slot         = 8349
//	variant slot = 3916
//
// and in ClickHouse
//
//	SELECT intHash64(bitXor(xxHash64('user-1'), xxHash64('checkout_button'))) AS h,
//	       bitShiftRight(bitShiftRight(h, 32) * 10000, 32) AS slot,
//	       bitShiftRight(bitAnd(h, 4294967295) * 10000, 32) AS variant_slot
//
// Further values, for other implementations to try:
//
//	salt             unit id                               hash              slot  variant slot
//	checkout_button  42                                    9b9f8946817c15d5  6079  5057
//	layer/home       user-1                                4dc00ff89a2ad0c8  3037  6022
//	holdout/global   user-1                                91171153eb8ff89c  5667  9201
//	price_test       018f3c5e-7b1a-7c3e-9d42-5f0e6a1b2c3d  7c7fe4e2313cf6d2  4863  1923
//	é                ü                                     b2976c443de48ec6  6976  2417
package payload
