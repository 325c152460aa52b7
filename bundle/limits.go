package bundle

// Limits. Sealing and opening check each of them before they spend the memory or time that it
// bounds.
const (
	// MaxEnvelopeSize is the size in bytes of the signed envelope of a root or manifest. A
	// manifest takes about 2 KiB; the rest is room for deltas and signatures. A host reads
	// up to this many bytes before it has verified anything.
	MaxEnvelopeSize = 64 << 10

	// MaxSignatures is the number of signatures in one envelope. A host verifies each, in
	// about 50 µs, before it trusts anything. Eight allow a quorum of five, and during a
	// rotation three more keys.
	MaxSignatures = 8

	// MaxKeys is the number of keys of a root: two sets of as many keys as can sign one
	// envelope.
	MaxKeys = 16

	// MaxRoots is the number of roots of a chain: one a week for twenty years. A host that
	// begins with the first root verifies all of them, in less than a second.
	MaxRoots = 1_024

	// MaxPayloadPacked is the size in bytes of a packed payload, and so of the largest
	// download, which takes about five seconds at 100 Mbit/s.
	MaxPayloadPacked = 64 << 20

	// MaxPayloadWindow is the size in bytes of the window of a payload packed with zstd.
	// Every zstd decoder accepts this size without options.
	MaxPayloadWindow = 8 << 20

	// MaxDeltaPayload is the size in bytes of an earlier or new payload between which a
	// publisher makes a delta. Making one then takes at most 200 MiB and about two seconds.
	// Larger payloads have no deltas.
	MaxDeltaPayload = 32 << 20

	// MaxDeltas is the number of deltas that a manifest lists, with about 200 bytes each. A
	// host that missed more revisions fetches the whole payload.
	MaxDeltas = 16

	// MaxEnvironmentLength is the length in bytes of an environment's name, which is
	// also a file name and a metric label.
	MaxEnvironmentLength = 64

	// MaxApplicationDeltas is the number of deltas that a manifest lists for all its
	// applications together: three for each of 16 applications, or one for each of 32.
	MaxApplicationDeltas = 48

	// MaxApplicationLength is the length in bytes of an application's name, which is also
	// a metric label.
	MaxApplicationLength = 64

	// MaxHostIDLength is the length in bytes of a host's id, for example a UUID or the name
	// of a machine. The id is also a file name.
	MaxHostIDLength = 64

	// MaxHostLabels, MaxLabelValues and MaxLabelLength (in bytes) bound the labels of a
	// canary and of a host. Together they take less than half of an envelope.
	MaxHostLabels  = 8
	MaxLabelValues = 32
	MaxLabelLength = 63

	// MaxAuthorLength and MaxMessageLength are the lengths in bytes of a manifest's author
	// and message.
	MaxAuthorLength  = 256
	MaxMessageLength = 1024

	// MaxCoreSize is the size in bytes of core.wasm. The core itself has about 30 KiB.
	MaxCoreSize = 1 << 20

	// MaxFormatVersion is the largest version of a schema or an ABI.
	MaxFormatVersion = 1<<16 - 1

	// MaxInteger is the largest integer in a signed document: the largest that every JSON
	// reader, JavaScript's included, reads exactly.
	MaxInteger = 1<<53 - 1
)
