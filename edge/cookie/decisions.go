package cookie

import (
	"encoding/json"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
)

const decisionsPurpose = "sortition decisions v1"

// maxDecisionsAge is how far the time of a header may be away: enough for a slow origin, and
// for clocks that differ.
const maxDecisionsAge = 5 * time.Minute

// Decisions is what the header tells an origin.
type Decisions struct {
	Time     event.Millis      `json:"time"`
	Revision uint64            `json:"revision"`
	Variants map[string]string `json:"variants"` // by key of experiment or flag
}

// SealDecisions returns the header's value.
func (s *Sealer) SealDecisions(d Decisions) string {
	if d.Variants == nil {
		d.Variants = map[string]string{}
	}
	data, err := json.Marshal(d)
	if err != nil {
		return "" // strings and numbers can always be written
	}
	return s.Seal(decisionsPurpose, encoding.EncodeToString(data))
}

// OpenDecisions returns what a header's value says, and false if it is none of a Sealer
// with one of the secrets, or is too old.
func (s *Sealer) OpenDecisions(value string, now time.Time) (Decisions, bool) {
	var d Decisions
	text, ok := s.Open(decisionsPurpose, value)
	if !ok {
		return d, false
	}
	data, err := encoding.DecodeString(text)
	if err != nil || json.Unmarshal(data, &d) != nil {
		return Decisions{}, false
	}
	if age := now.Sub(d.Time.Time()); age.Abs() > maxDecisionsAge {
		return Decisions{}, false
	}
	return d, true
}
