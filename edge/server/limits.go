package server

import (
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Limits of one request. The error for a request over a limit names the field and the limit.
const (
	MaxBody         = 64 << 10 // bytes of a request body
	MaxExperiments  = 1_000    // keys in "experiments"
	MaxUnits        = request.MaxUnits
	MaxIDLength     = event.MaxIDLength // bytes of a unit id: the same as in exposures
	MaxAttributes   = request.MaxAttributes
	MaxStringLength = request.MaxStringLength // bytes of an attribute's name, or of a string in its value
	MaxListItems    = request.MaxListItems
)

// retryAfter is the Retry-After header of answers without a decision, in seconds.
const retryAfter = "1"
