package compile

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// vectorCount is the number of golden vectors in a payload: enough that each step is
// likely taken, few enough that a host tries them in well under a millisecond.
const vectorCount = 16

// sampleRequests are the requests of the vectors of a payload, which has none yet. They
// are drawn from the values that the program's audiences mention.
func sampleRequests(p *model.Program, bare []byte) ([][]byte, error) {
	catalog, err := bundle.ParseCatalog(bare)
	if err != nil {
		return nil, err
	}
	names, err := catalog.Names()
	if err != nil {
		return nil, err
	}
	s := sampler{program: p, names: names, values: sampleValues(p)}
	requests := make([][]byte, vectorCount)
	for i := range requests {
		encoded, err := s.request(i)
		if err != nil {
			return nil, err
		}
		requests[i] = append([]byte(nil), encoded...)
	}
	return requests, nil
}

// answer makes the vectors of requests with the native core, from the payload without
// them.
func answer(bare []byte, requests [][]byte) ([]bundle.Vector, error) {
	engine, status := assign.Load(bare)
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the compiled program: %w", status)
	}
	vectors := make([]bundle.Vector, len(requests))
	for i, encoded := range requests {
		records, status := engine.AssignAll(encoded)
		if status != assign.OK {
			return nil, fmt.Errorf("the core refuses a sample request: %w", status)
		}
		vectors[i] = bundle.Vector{Request: encoded, Records: append([]byte(nil), records...)}
	}
	return vectors, nil
}

// maxSampleAttributes keeps vectors of programs with many attributes small.
const maxSampleAttributes = 24

type sampler struct {
	program *model.Program
	names   *request.Names
	values  [][]any // by attribute: values that audiences mention
	state   uint64
}

// next is a fixed sequence of pseudo-random numbers (SplitMix64), so that the same
// program always has the same vectors.
func (s *sampler) next(n int) int {
	s.state += 0x9e3779b97f4a7c15
	z := s.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

func (s *sampler) request(i int) ([]byte, error) {
	r := request.New()
	for _, unit := range s.program.Units {
		r.Unit(unit, fmt.Sprintf("vector-%s-%d", unit, i))
	}
	r.Now(s.now())
	chosen := 0
	for a, values := range s.values {
		if len(values) == 0 || chosen == maxSampleAttributes || s.next(4) == 0 {
			continue
		}
		chosen++
		r.Value(s.program.Attributes[a].Name, values[s.next(len(values))])
	}
	return r.Encode(s.names)
}

// now is a time at which some schedule begins or ends, or the Unix epoch.
func (s *sampler) now() time.Time {
	if n := len(s.program.Experiments); n > 0 {
		e := s.program.Experiments[s.next(n)]
		return time.UnixMilli([]int64{e.Start, e.End, e.Start + 1}[s.next(3)])
	}
	return time.UnixMilli(0)
}

// sampleValues returns, for each attribute, values that the audiences mention and one
// that they do not.
func sampleValues(p *model.Program) [][]any {
	values := make([][]any, len(p.Attributes))
	visit := func(e *model.Expr) {
		switch e.Op {
		case model.OpIn, model.OpPrefix, model.OpSuffix, model.OpContains:
			for _, v := range e.Strings {
				values[e.Attr] = append(values[e.Attr], v)
			}
		case model.OpHas:
			values[e.Attr] = append(values[e.Attr], e.Strings)
		case model.OpTrue:
			values[e.Attr] = append(values[e.Attr], true, false)
		case model.OpEqual, model.OpLess, model.OpLessEq:
			values[e.Attr] = append(values[e.Attr], literalValue(p.Attributes[e.Attr].Type, e.Value.Text))
		case model.OpPresent, model.OpMatches:
			values[e.Attr] = append(values[e.Attr], "")
		case model.OpElapsed:
			values[e.Attr] = append(values[e.Attr], int64(0), -e.Elapsed)
		}
	}
	audiences, _ := audiencesOf(p)
	for _, e := range audiences {
		walk(e, visit)
	}
	for a, attribute := range p.Attributes {
		if len(values[a]) > 0 && attribute.Type == model.String {
			values[a] = append(values[a], "something else")
		}
	}
	return values
}

// literalValue is the value that a literal denotes, as a request would have it.
func literalValue(t model.Type, text string) any {
	if t == model.Number {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}
