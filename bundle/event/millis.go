package event

import "github.com/sortition-dev/sortition/bundle/model"

// Millis is a time in milliseconds since the Unix epoch, as sent and stored. Zero means no time.
type Millis = model.Millis
