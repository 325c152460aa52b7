package cookie

import (
	"encoding/json"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
)

const decisionsPurpose = "sortition decisions v1"

// maxDecisionsAge is the largest difference between the time of a header and the reader's clock. It
// allows for slow origins and inaccurate clocks.
const maxDecisionsAge = 5 * time.Minute

// Decisions are the contents of the header for the origin.
type Decisions struct {
	Time     event.Millis      `json:"time"`
	Revision uint64            `json:"revision"`
	Variants map[string]string `json:"variants"` // by key of experiment or flag
}

// SealDecisions returns the value of the header.
func (s *Sealer) SealDecisions(d Decisions) string {
	if d.Variants == nil {
		d.Variants = map[string]string{}
	}
	data, err := json.Marshal(d)
	if err != nil {
		return "" // strings and numbers cannot fail
	}
	return s.Seal(decisionsPurpose, encoding.EncodeToString(data))
}

// OpenDecisions returns the decisions in the value of a header. It returns false if the value was
// not sealed with one of the secrets, or if its time is more than five minutes from now.
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
