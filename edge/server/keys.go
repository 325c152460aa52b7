package server

import (
	"errors"

	"github.com/sortition-dev/sortition/edge/host"
)

// maxAttempts bounds how often a list of keys is decided anew because another bundle was
// activated in the middle of it. Decisions take microseconds and bundles come seconds
// apart, so the second attempt is the last.
const maxAttempts = 4

// errUnsettled says that a new bundle was activated during every attempt.
var errUnsettled = errors.New("bundles are activated faster than decisions are made")

// decideKeys decides the experiments and flags that are asked for, all of one bundle, in
// the order of keys. A key that the bundle does not have gives a decision without a
// reason.
func decideKeys(h *host.Host, r *host.Request, keys []string, dst []host.Decision) ([]host.Decision, error) {
	for range maxAttempts {
		decisions := dst
		settled := true
		revision := uint64(0)
		for _, key := range keys {
			d, err := h.Decide(r, key)
			switch {
			case errors.Is(err, host.ErrUnknownExperiment):
				d = host.Decision{Experiment: key}
			case err != nil:
				return dst, err
			case revision == 0:
				revision = d.Revision
			case revision != d.Revision:
				settled = false
			}
			decisions = append(decisions, d)
		}
		if settled {
			return decisions, nil
		}
	}
	return dst, errUnsettled
}
