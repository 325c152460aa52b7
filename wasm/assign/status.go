package assign

// Status says why the core refused a payload or a request. The numbers are part of the ABI
// (wasm/ABI.md).
type Status uint32

// The statuses.
const (
	OK              Status = 0
	BadMsgpack      Status = 1 // the payload is not a msgpack map of the form described in package payload
	BadSchema       Status = 2 // the payload's schema is not Schema
	BadColumn       Status = 3 // a column is missing, repeated, or of the wrong length
	BadReference    Status = 4 // an index, offset or slot points outside what it refers to
	BadRequest      Status = 5 // the request is not of the form described in wasm/ABI.md
	UnknownIndex    Status = 6 // there is no experiment with that index
	NotLoaded       Status = 7 // no payload was loaded
	RequestTooLarge Status = 8 // the request is over MaxRequest
)

var statusText = [...]string{
	OK:              "ok",
	BadMsgpack:      "payload is not well-formed msgpack",
	BadSchema:       "payload has a schema that this core does not know",
	BadColumn:       "payload lacks a column, repeats one, or has one of the wrong length",
	BadReference:    "payload refers to something outside its tables",
	BadRequest:      "request is malformed",
	UnknownIndex:    "no experiment of that index",
	NotLoaded:       "no payload is loaded",
	RequestTooLarge: "request is too large",
}

// Error describes the status.
func (s Status) Error() string {
	if int(s) < len(statusText) {
		return statusText[s]
	}
	return "unknown status"
}
