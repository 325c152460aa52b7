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

// Record is a decision record, read as one little-endian integer.
type Record uint64

// Experiment returns the index of the experiment.
func (r Record) Experiment() uint32 { return uint32(r) }

// Variant returns the index of the variant, or [NoVariant].
func (r Record) Variant() uint16 { return uint16(r >> 32) }

// Reason returns the reason.
func (r Record) Reason() Reason { return Reason(r >> 48) }

// Rule returns the index of the rule that decided, for [ReasonSplit].
func (r Record) Rule() uint8 { return uint8(r >> 56) }

// With returns the record with another variant and reason, and rule 0.
func (r Record) With(variant uint16, reason Reason) Record {
	return r&(1<<32-1) | Record(variant)<<32 | Record(reason)<<48
}
