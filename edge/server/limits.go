package server

import (
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Limits of one request. What is over them is answered with a problem that names the
// field and the limit.
const (
	MaxBody         = 64 << 10 // bytes of a request body
	MaxExperiments  = 1_000    // keys in "experiments"
	MaxUnits        = request.MaxUnits
	MaxIDLength     = event.MaxIDLength // bytes of a unit id, so that whatever is decided can be recorded
	MaxAttributes   = request.MaxAttributes
	MaxStringLength = request.MaxStringLength // bytes of an attribute's name, or of a string in its value
	MaxListItems    = request.MaxListItems
)

// retryAfter is how long, in seconds, a client is told to wait before it asks again.
const retryAfter = "1"
