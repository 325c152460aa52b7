package abi

// RecordSize is the size of a decision record in bytes:
//
//	offset 0  uint32  experiment, an index into the payload's experiments
//	offset 4  uint16  variant, an index into the experiment's variants, or [NoVariant]
//	offset 6  uint8   reason, a [Reason]
//	offset 7  uint8   rule that decided, an index into the experiment's rules
//
// All integers are little-endian.
const RecordSize = 8

// NoVariant is the variant of a record that assigns none.
const NoVariant = 1<<16 - 1
