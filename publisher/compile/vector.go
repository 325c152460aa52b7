package compile

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// vectorCount is the number of golden vectors in a payload. With so many, each step of a decision
// is likely to occur, and a host can try them in well under a millisecond.
const vectorCount = 16

// sampleRequests returns the requests for the vectors of a payload. Their values are those that
// the program's audiences mention.
func sampleRequests(p *model.Program, bare []byte) ([][]byte, error) {
	reader, err := payload.NewReader(bare)
	if err != nil {
		return nil, err
	}
	names, err := reader.Names()
	if err != nil {
		return nil, err
	}
	s := sampler{program: p, names: names, values: sampleValues(p)}
	s.texts = make([][]string, len(s.values))
	for a, values := range s.values {
		for _, v := range values {
			s.texts[a] = append(s.texts[a], fmt.Sprint(v))
		}
	}
	for _, e := range p.Experiments {
		s.keys = append(s.keys, e.Key)
	}
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

// answer returns vectors with the answers of the native core to the requests, by the payload
// without vectors.
func answer(bare []byte, requests [][]byte) ([]payload.Vector, error) {
	engine, status := assign.Load(bare)
	if status != assign.OK {
		return nil, fmt.Errorf("the core refuses the compiled program: %w", status)
	}
	vectors := make([]payload.Vector, len(requests))
	for i, encoded := range requests {
		records, status := engine.AssignAll(encoded)
		if status != assign.OK {
			return nil, fmt.Errorf("the core refuses a sample request: %w", status)
		}
		vectors[i] = payload.Vector{Request: encoded, Records: append([]byte(nil), records...)}
	}
	return vectors, nil
}

// maxSampleAttributes is the largest number of attributes in a sample request. It keeps vectors
// small.
const maxSampleAttributes = 24

// sampler draws requests. It always chooses the candidate with the least hash. So adding or
// removing a candidate changes few choices, and the vectors of consecutive payloads differ
// little.
type sampler struct {
	program *model.Program
	names   *request.Names
	values  [][]any // by attribute: values that audiences mention
	texts   [][]string
	keys    []string // of the experiments
}

// choose returns the index of the candidate that has the least hash after the prefix.
func choose(prefix string, candidates []string) int {
	chosen, least := 0, uint64(math.MaxUint64)
	name := []byte(prefix)
	for i, text := range candidates {
		name = append(name[:len(prefix)], text...)
		if h := xxhash.Sum64(name); h < least {
			chosen, least = i, h
		}
	}
	return chosen
}

// oneIn returns true for about one in n names.
func oneIn(n uint64, name string) bool { return xxhash.Sum64String(name)%n == 0 }

func (s *sampler) request(i int) ([]byte, error) {
	r := request.New()
	for _, unit := range s.program.Units {
		r.Unit(unit, fmt.Sprintf("vector-%s-%d", unit, i))
	}
	r.Now(s.now(i))
	chosen := 0
	for a, values := range s.values {
		name := s.program.Attributes[a].Name
		if len(values) == 0 || chosen == maxSampleAttributes || oneIn(4, fmt.Sprint(i, name)) {
			continue
		}
		chosen++
		r.Value(name, values[choose(fmt.Sprint(i, name), s.texts[a])])
	}
	return r.Encode(s.names)
}

// now returns a time at which a schedule begins or ends, or the Unix epoch.
func (s *sampler) now(i int) time.Time {
	experiments := s.program.Experiments
	if len(experiments) == 0 {
		return time.UnixMilli(0)
	}
	e := experiments[choose(fmt.Sprint(i), s.keys)]
	return []model.Millis{e.Start, e.End, e.Start + 1}[i%3].Time()
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

// literalValue returns the value of a literal, as a request contains it.
func literalValue(t model.Type, text string) any {
	if t == model.Number {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}
