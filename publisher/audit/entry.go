package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/sortition-dev/sortition/bundle"
)

// MaxEntrySize is the largest size of an entry in bytes. Actor, message and proof take under
// 8 KiB, even if every byte is escaped and the log has 2⁵³ entries. The rest is for the other
// fields.
const MaxEntrySize = 256 << 10

// Entry is an entry of the log.
type Entry struct {
	Leaf Leaf `json:"leaf"`
	// Proof is the inclusion proof (RFC 6962) of the leaf in the tree that ends with it. The
	// hashes are the roots of the complete subtrees of the previous tree, from the last and
	// smallest to the first. So a proof also gives the root of the previous tree.
	Proof []bundle.Hash `json:"proof"`
}

// Append returns the entry with a leaf that follows previous, which is nil for the first entry.
// It sets l.Previous. l.Revision must be the number of the entry.
func Append(previous *Entry, l Leaf) (*Entry, error) {
	l.complete()
	e := &Entry{Leaf: l, Proof: []bundle.Hash{}}
	size := uint64(0)
	if previous != nil {
		e.Leaf.Previous = previous.Name()
		e.Proof = previous.frontier()
		size = previous.Leaf.Revision
	}
	if l.Revision != size+1 {
		return nil, fmt.Errorf("the audit log has %d entries: the next is for revision %d, not for revision %d", size, size+1, l.Revision)
	}
	if err := e.Leaf.validate(); err != nil {
		return nil, fmt.Errorf("audit leaf: %w", err)
	}
	return e, nil
}

// ParseEntry decodes an entry. The data must be exactly what [Entry.Encode] returns.
func ParseEntry(data []byte) (*Entry, error) {
	if len(data) > MaxEntrySize {
		return nil, fmt.Errorf("an entry has %d bytes; the limit is %d", len(data), MaxEntrySize)
	}
	e := new(Entry)
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(e); err != nil {
		return nil, err
	}
	e.Leaf.complete()
	if err := e.Leaf.validate(); err != nil {
		return nil, err
	}
	if n := bits.OnesCount64(e.index()); len(e.Proof) != n {
		return nil, fmt.Errorf("the proof of entry %d has %d hashes, not %d", e.Leaf.Revision, len(e.Proof), n)
	}
	if e.Proof == nil {
		e.Proof = []bundle.Hash{}
	}
	if !bytes.Equal(data, e.Encode()) {
		return nil, errors.New("not in canonical form")
	}
	return e, nil
}

// Encode returns the bytes of the entry's object.
func (e *Entry) Encode() []byte { return encode(e) }

// Name returns the hash that names the entry's object.
func (e *Entry) Name() bundle.Hash { return bundle.HashOf(e.Encode()) }

// Head commits to the log up to the entry.
func (e *Entry) Head() bundle.AuditHead {
	root := e.leafHash()
	for _, left := range e.Proof {
		root = tlog.NodeHash(tlog.Hash(left), root)
	}
	return bundle.AuditHead{Root: bundle.Hash(root), Entry: e.Name()}
}

// before returns the root of the tree without the entry.
func (e *Entry) before() bundle.Hash {
	if len(e.Proof) == 0 {
		return bundle.HashOf(nil) // of the empty tree
	}
	root := tlog.Hash(e.Proof[0])
	for _, left := range e.Proof[1:] {
		root = tlog.NodeHash(tlog.Hash(left), root)
	}
	return bundle.Hash(root)
}

// index counts entries from 0, as RFC 6962 does.
func (e *Entry) index() uint64 { return e.Leaf.Revision - 1 }

func (e *Entry) leafHash() tlog.Hash { return tlog.RecordHash(encode(&e.Leaf)) }

// subtree returns the root of the complete subtree of 2^level leaves that ends with the entry.
func (e *Entry) subtree(level int) tlog.Hash {
	root := e.leafHash()
	for _, left := range e.Proof[:level] {
		root = tlog.NodeHash(tlog.Hash(left), root)
	}
	return root
}

// frontier returns the proof of the next entry.
func (e *Entry) frontier() []bundle.Hash {
	level := bits.TrailingZeros64(e.index() + 1)
	return append([]bundle.Hash{bundle.Hash(e.subtree(level))}, e.Proof[level:]...)
}

// encode returns the canonical JSON of a leaf or entry: the fields in order, no white space, and
// no unnecessary escapes.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings, numbers and times of four-digit years always encode
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
