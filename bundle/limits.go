package bundle

// Limits. Each is checked before the memory or the time it bounds is spent, when
// sealing as well as when opening.
const (
	// MaxEnvelopeSize is the size in bytes of a signed envelope: root or manifest. A
	// manifest takes about 2 KiB; the rest is room for deltas and signatures. A host
	// reads this much before it has verified anything.
	MaxEnvelopeSize = 64 << 10

	// MaxSignatures is the number of signatures in one envelope. Each costs a
	// verification, some 50 µs, before anything is trusted; eight allow a quorum of
	// five and the keys of a rotation beside it.
	MaxSignatures = 8

	// MaxKeys is the number of keys of a root: two quorums of eight, which is as many
	// as can sign.
	MaxKeys = 16

	// MaxRoots is the number of roots of a chain: one a week for twenty years. Whoever
	// begins with the first verifies all of them, in less than a second.
	MaxRoots = 1_024

	// MaxPayloadPacked is the size in bytes of a packed payload, and so of the longest
	// download: five seconds at 100 Mbit/s.
	MaxPayloadPacked = 64 << 20

	// MaxPayloadWindow is how far back, in bytes, a payload that is packed with zstd
	// refers: what any reader of zstd takes without being told to.
	MaxPayloadWindow = 8 << 20

	// MaxDeltaPayload is the size in bytes of the payloads, the earlier and the new one,
	// between which a publisher makes a delta. It bounds what that takes: 200 MiB and
	// some two seconds for each. Larger payloads are fetched whole.
	MaxDeltaPayload = 32 << 20

	// MaxDeltas is the number of deltas that a manifest lists, of some 200 bytes each: a
	// host that missed more revisions than that fetches the full payload.
	MaxDeltas = 16

	// MaxEnvironmentLength is the length in bytes of an environment's name, which is
	// also a file name and a metric label.
	MaxEnvironmentLength = 64

	// MaxApplicationDeltas is the number of deltas that a manifest lists for all its
	// applications together: three for each of sixteen, and one for each of thirty-two.
	MaxApplicationDeltas = 48

	// MaxApplicationLength is the length in bytes of an application's name, which is also
	// a metric label.
	MaxApplicationLength = 64

	// MaxHostIDLength is the length in bytes of a host's id, which is also a file name:
	// a UUID, or a name as machines have.
	MaxHostIDLength = 64

	// MaxHostLabels, MaxLabelValues and MaxLabelLength bound what a canary says of
	// hosts, and what hosts say of themselves: in all under half of an envelope.
	MaxHostLabels  = 8
	MaxLabelValues = 32
	MaxLabelLength = 63

	// MaxAuthorLength and MaxMessageLength bound, in bytes, what a manifest says about
	// its origin: an address, and a line of history.
	MaxAuthorLength  = 256
	MaxMessageLength = 1024

	// MaxCoreSize is the size in bytes of core.wasm, which aims at 40 KiB.
	MaxCoreSize = 1 << 20

	// MaxFormatVersion bounds schema and ABI numbers: far beyond what will be, and far
	// from overflow in any reader.
	MaxFormatVersion = 1<<16 - 1

	// MaxInteger bounds every integer in a signed document: the largest that every
	// JSON reader, JavaScript included, reads exactly.
	MaxInteger = 1<<53 - 1
)
