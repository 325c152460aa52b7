//go:build !tinygo

package assign

import "github.com/sortition-dev/sortition/wasm/abi"

// The functions of this file decide requests that are not encoded, for programs that run the engine
// natively. They decide as AssignOne and AssignAll do for the encoded request. The caller keeps to
// the limits of a request.

// Begin begins a request. Set its units and attributes, and then call Ready.
func (e *Engine) Begin(now int64) {
	e.nextStamp()
	e.now = now
}

// SetUnit sets the id of a unit type; an empty id counts as missing. It panics if there is no such
// unit type.
func (e *Engine) SetUnit(number int, id []byte) {
	e.setID(number, id)
}

// SetAttribute sets an attribute. Text and bits are those of an encoded request, except that the
// bits of a list are the number of its items. The text must not change until the decision is made.
// It panics if there is no such attribute.
func (e *Engine) SetAttribute(number int, kind uint8, text []byte, bits uint64) {
	e.attributes[number] = attribute{e.stamp, kind, view(text), bits}
}

// Ready ends a request, for which One, or All, is called next.
func (e *Engine) Ready() {
	e.indexed = false
	e.identify()
	e.bar()
}

// One decides one experiment or flag. It may be called for several, one after the other.
func (e *Engine) One(experiment uint32) (abi.Record, Status) {
	if uint64(experiment) >= uint64(e.p.expKind.len()) {
		return 0, UnknownIndex
	}
	return abi.Record(e.outcome(int(experiment)).record(int(experiment))), OK
}

// All decides everything, as AssignAll does. Only Begin may be called after it.
func (e *Engine) All() []byte {
	e.matchAll()
	e.visitOverridden()
	return e.decideMatched()
}

// Read begins an encoded request and makes it ready. The bytes must not change until the decision
// is made.
func (e *Engine) Read(request []byte) Status {
	if s := e.parse(request); s != OK {
		return s
	}
	e.Ready()
	return OK
}
