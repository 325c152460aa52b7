// Package event defines exposures and outcomes: their types on the way to the collector and in
// the bucket, and the limits that hosts and collectors check.
//
// An exposure is identified by (source, boot, seq): the host that emitted it, an id of that
// host's process, and a counter from 1. So delivery is idempotent: an exposure that arrives
// twice counts once.
//
// In the bucket, Parquet files hold [StoredExposure] and [StoredOutcome] rows under
//
//	events/exposures/date=2006-01-02/hour=15/<file>.parquet
//	events/outcomes/date=2006-01-02/hour=15/<file>.parquet
//
// where date and hour are the time of acceptance by the collector's clock, in UTC.
//
// On the way to the collector, an [ExposureBatch] is a JSON object or, shorter and faster to read,
// a msgpack map with the same names. Outcomes are JSON, since applications write them. Each body
// may be compressed with zstd or gzip.
package event

// Limits of a batch and its events. A collector refuses what exceeds them.
const (
	MaxOutcomes       = 100     // outcomes in one POST /api/v1/track/batch
	MaxExposures      = 1_000   // exposures in one POST /api/v1/exposures
	MaxBatchBytes     = 1 << 20 // bytes of one request body, compressed and not
	MaxIDLength       = 256     // bytes of a unit id
	MaxNameLength     = 128     // bytes of an event name or key
	MaxProperties     = 64      // properties of one outcome
	MaxPropertyBytes  = 8 << 10 // bytes of one outcome's properties as JSON
	ExposuresPrefix   = "events/exposures/"
	OutcomesPrefix    = "events/outcomes/"
	PartitionLayout   = "date=2006-01-02/hour=15/" // a time.Format layout, UTC
	UnitHashHexLength = 32                         // hex digits of a stored unit hash
)

// Exposure says that a unit was given a variant of an experiment.
type Exposure struct {
	Seq        uint64 `json:"seq"`
	Time       Millis `json:"time"` // the host's clock
	Experiment string `json:"experiment"`
	Variant    string `json:"variant"`
	Phase      int    `json:"phase"`
	Unit       string `json:"unit"`    // unit type, for example "user"
	UnitID     string `json:"unit_id"` // the id; the collector hashes it before storing
	Revision   uint64 `json:"revision"`
	Override   bool   `json:"override,omitempty"` // the variant comes from an override; results leave it out
}

// ExposureBatch is the body of POST /api/v1/exposures: exposures of one process of a host.
type ExposureBatch struct {
	Source    string     `json:"source"`
	Boot      string     `json:"boot"`
	Exposures []Exposure `json:"exposures"`
}

// StoredExposure is a row of an exposure file.
type StoredExposure struct {
	Source     string `parquet:"source,dict"`
	Boot       string `parquet:"boot,dict"`
	Seq        uint64 `parquet:"seq,delta"`
	Time       Millis `parquet:"time,delta,timestamp(millisecond)"`     // the host's clock
	Received   Millis `parquet:"received,delta,timestamp(millisecond)"` // the collector's clock
	Experiment string `parquet:"experiment,dict"`
	Variant    string `parquet:"variant,dict"`
	Phase      int32  `parquet:"phase,delta"`
	Unit       string `parquet:"unit,dict"`
	UnitHash   string `parquet:"unit_hash"` // 32 hex digits: HMAC-SHA-256 of unit id, first half
	Revision   uint64 `parquet:"revision,delta"`
	Override   bool   `parquet:"override"`
}

// StoredOutcome is a row of an outcome file.
type StoredOutcome struct {
	ID         string `parquet:"id"` // idempotence key: the client's event_id, or one the collector made
	Time       Millis `parquet:"time,delta,timestamp(millisecond)"`
	Received   Millis `parquet:"received,delta,timestamp(millisecond)"`
	Event      string `parquet:"event,dict"`
	Unit       string `parquet:"unit,dict"`
	UnitHash   string `parquet:"unit_hash"`
	Properties string `parquet:"properties"` // a JSON object
}
