// Package vectortest reads wasm/assign/testdata/vectors.json: small programs with
// requests and the decisions that every host must come to. The file's "about" tells its
// form. The tests of each host run it.
//
// This package is internal to Sortition and may change without notice.
package vectortest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// File is the whole of vectors.json.
type File struct {
	About    []string  `json:"about"`
	Programs []Program `json:"programs"`
}

// Program is a payload with the cases that are decided on it.
type Program struct {
	Name        string       `json:"name"`
	Why         string       `json:"why"`
	Payload     []byte       `json:"payload"`
	Experiments []Experiment `json:"experiments"` // in the order of the payload
	Cases       []Case       `json:"cases"`
}

// Experiment names what records number.
type Experiment struct {
	Key      string   `json:"key"`
	Kind     string   `json:"kind"` // "experiment" or "flag"
	Variants []string `json:"variants"`
}

// Case is one decision.
type Case struct {
	Name       string          `json:"name"`
	Why        string          `json:"why"`
	Request    json.RawMessage `json:"request,omitempty"` // absent where only the encoding matters
	Encoded    []byte          `json:"request_bytes"`
	Experiment string          `json:"experiment"`
	Expect     Expect          `json:"expect"`
}

// Expect is a decision, or the status of a request that is refused.
type Expect struct {
	Variant *string `json:"variant"` // null for none
	Reason  string  `json:"reason,omitempty"`
	Rule    *int    `json:"rule"` // null where no rule decided
	Status  int     `json:"status,omitempty"`
}

// Load reads the file of this source tree.
func Load() (*File, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return nil, fmt.Errorf("vectors: the source tree is not known")
	}
	data, err := os.ReadFile(filepath.Join(filepath.Dir(here), "..", "testdata", "vectors.json"))
	if err != nil {
		return nil, err
	}
	f := new(File)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("vectors.json: %w", err)
	}
	return f, nil
}

// Index is the number of the case's experiment.
func (p *Program) Index(c *Case) (uint32, error) {
	i := slices.IndexFunc(p.Experiments, func(e Experiment) bool { return e.Key == c.Experiment })
	if i < 0 {
		return 0, fmt.Errorf("program %q has no experiment %q", p.Name, c.Experiment)
	}
	return uint32(i), nil
}

// Record is the record that deciding the case's experiment must give.
func (p *Program) Record(c *Case) ([]byte, error) {
	i, err := p.Index(c)
	if err != nil {
		return nil, err
	}
	variant := abi.NoVariant
	if c.Expect.Variant != nil {
		variant = slices.Index(p.Experiments[i].Variants, *c.Expect.Variant)
	}
	reason := abi.ReasonNoUnit
	for reason < abi.ReasonDefault && reason.String() != c.Expect.Reason {
		reason++
	}
	if variant < 0 || reason.String() != c.Expect.Reason {
		return nil, fmt.Errorf("case %q expects an unknown variant or reason", c.Name)
	}
	rule := 0
	if c.Expect.Rule != nil {
		rule = *c.Expect.Rule
	}
	record := binary.LittleEndian.AppendUint32(nil, i)
	record = binary.LittleEndian.AppendUint16(record, uint16(variant))
	return append(record, byte(reason), byte(rule)), nil
}

// Host decides on one payload. A request that is refused is an assign.Status other than
// OK.
type Host interface {
	One(request []byte, experiment uint32) ([]byte, assign.Status, error)
	All(request []byte) ([]byte, assign.Status, error)
}

// Check holds a host against one case: the experiment by itself, and among all.
func (p *Program) Check(h Host, c *Case) error {
	i, err := p.Index(c)
	if err != nil {
		return err
	}
	one, oneStatus, err := h.One(c.Encoded, i)
	if err != nil {
		return err
	}
	all, allStatus, err := h.All(c.Encoded)
	if err != nil {
		return err
	}
	if want := assign.Status(c.Expect.Status); oneStatus != want || allStatus != want {
		return fmt.Errorf("status %d, and %d of all at once, want %d", oneStatus, allStatus, want)
	}
	if c.Expect.Status != 0 {
		return nil
	}
	want, err := p.Record(c)
	if err != nil {
		return err
	}
	if string(one) != string(want) {
		return fmt.Errorf("record %x, want %x (%s, reason %s)", one, want, variantText(c.Expect.Variant), c.Expect.Reason)
	}
	if c.Expect.Variant == nil {
		want = nil
	}
	if got := find(all, i); string(got) != string(want) {
		return fmt.Errorf("record %x of all at once, want %x", got, want)
	}
	return nil
}

func variantText(v *string) string {
	if v == nil {
		return "no variant"
	}
	return "variant " + *v
}

// find is the record of an experiment among those of all, or nil.
func find(records []byte, experiment uint32) []byte {
	for r := range slices.Chunk(records, abi.RecordSize) {
		if binary.LittleEndian.Uint32(r) == experiment {
			return r
		}
	}
	return nil
}
