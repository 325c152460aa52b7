package js

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

const (
	randomPrograms     = 80
	requestsPerProgram = 400
	leastDecisions     = 100_000

	shortFraction = 20 // under -short: one in so many programs
	oneByOne      = 10 // for one in so many requests every experiment is also decided by itself

	// maxSafe is the largest integer up to which JavaScript's numbers are exact.
	maxSafe = 1<<53 - 1
)

// decideJob is a job of test/harness.js.
type decideJob struct {
	Kind     string          `json:"kind"`
	Payload  []byte          `json:"payload"`
	Requests []decideRequest `json:"requests"`
}

type decideRequest struct {
	Request typedRequest `json:"request"`
	Keys    []string     `json:"keys,omitempty"`
}

// typedRequest is a request in the form of wasm/assign/testdata/vectors.json.
type typedRequest struct {
	Now        int64             `json:"now"`
	Units      map[string]string `json:"units,omitempty"`
	Attributes map[string]any    `json:"attributes,omitempty"`
}

// TestDecisionsAgreeWithNative decides everything for random requests on random programs in
// each runtime, and some experiments one by one. The number of decisions is that of requests
// times experiments, with or without a variant.
func TestDecisionsAgreeWithNative(t *testing.T) {
	programs, least := randomPrograms, leastDecisions
	if testing.Short() {
		programs, least = programs/shortFraction, least/shortFraction
	}
	jobs, answers := make([]decideJob, programs), make([][]string, programs)
	decided := 0
	for seed := range programs {
		jobs[seed], answers[seed] = randomJob(t, uint64(seed))
		decided += requestsPerProgram * len(jobs[seed].Requests[0].Keys)
	}
	if decided < least {
		t.Errorf("only %d decisions are compared, want at least %d", decided, least)
	}
	inEach(t, func(t *testing.T, h harness) {
		for seed, job := range jobs {
			var got []string
			if err := h.do(job, &got); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			want := answers[seed]
			if len(got) != len(want) {
				t.Fatalf("seed %d: %d answers, want %d", seed, len(got), len(want))
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("seed %d, request %d:\n%+v\ngives  %s\nnative %s", seed, i, job.Requests[i], got[i], want[i])
				}
			}
		}
		t.Logf("%d decisions agree", decided)
	})
}

// randomJob makes a job, and the answers of the native core.
func randomJob(t *testing.T, seed uint64) (decideJob, []string) {
	rng := rand.New(rand.NewPCG(seed, 6))
	p := progtest.Program(rng)
	payload, err := compile.Payload(p)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	native, status := assign.Load(payload)
	if status != assign.OK {
		t.Fatalf("seed %d: %v", seed, status)
	}
	names := namesOf(p)
	keys := make([]string, len(p.Experiments))
	for i := range keys {
		keys[i] = p.Experiments[i].Key
	}
	job := decideJob{Kind: "decide", Payload: payload}
	var answers []string
	built := request.New()
	for i := range requestsPerProgram {
		r := expressible(progtest.Request(rng, p))
		encoded, err := progtest.Fill(built, r).Encode(names)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		records, _ := native.AssignAll(encoded)
		answer := decisions(p, records)
		asked := decideRequest{Request: typed(r)}
		if i%oneByOne == 0 {
			asked.Keys = keys
			for e := range p.Experiments {
				record, _ := native.AssignOne(encoded, uint32(e))
				answer = append(answer, decisions(p, record)...)
			}
		}
		job.Requests = append(job.Requests, asked)
		answers = append(answers, strings.Join(answer, " "))
	}
	return job, answers
}

func namesOf(p *model.Program) *request.Names {
	attributes := make([]string, len(p.Attributes))
	for i, a := range p.Attributes {
		attributes[i] = a.Name
	}
	return request.NewNames(p.Units, attributes, false)
}

// decisions formats records as text.
func decisions(p *model.Program, records []byte) []string {
	var words []string
	for r := range slices.Chunk(records, abi.RecordSize) {
		x := &p.Experiments[binary.LittleEndian.Uint32(r)]
		variant := ""
		if v := int(binary.LittleEndian.Uint16(r[4:])); v != abi.NoVariant {
			variant = x.Variants[v].Key
		}
		words = append(words, fmt.Sprintf("%s=%s:%s:%d", x.Key, variant, abi.Reason(r[6]), r[7]))
	}
	return words
}

// expressible returns the request nearest to r that JavaScript can express: strings are valid
// UTF-8, numbers do not distinguish 1 from 1.0, and the clock is at most 2⁵³.
func expressible(r explain.Request) explain.Request {
	units := make(map[string]string, len(r.Units))
	for name, id := range r.Units {
		units[name] = strings.ToValidUTF8(id, "?")
	}
	attributes := make(map[string]any, len(r.Attributes))
	for name, value := range r.Attributes {
		switch v := value.(type) {
		case string:
			value = strings.ToValidUTF8(v, "?")
		case []string:
			list := make([]string, len(v))
			for i := range v {
				list[i] = strings.ToValidUTF8(v[i], "?")
			}
			value = list
		case float64:
			if v == math.Trunc(v) && math.Abs(v) <= maxSafe {
				value = int64(v)
			}
		case time.Time:
			value = v.UnixMilli()
		}
		attributes[name] = value
	}
	now := r.Now
	if ms := now.UnixMilli(); ms > maxSafe || ms < -maxSafe {
		now = time.UnixMilli(maxSafe)
	}
	return explain.Request{Now: now, Units: units, Attributes: attributes}
}

// typed converts a request for the harness.
func typed(r explain.Request) typedRequest {
	attributes := make(map[string]any, len(r.Attributes))
	for name, value := range r.Attributes {
		switch v := value.(type) {
		case float64:
			value = map[string]string{"double": fmt.Sprint(v)}
		case int64:
			if v > maxSafe || v < -maxSafe {
				value = map[string]string{"int": fmt.Sprint(v)}
			}
		}
		attributes[name] = value
	}
	for _, id := range r.Units {
		if !utf8.ValidString(id) {
			panic("an id that JavaScript cannot say")
		}
	}
	return typedRequest{r.Now.UnixMilli(), r.Units, attributes}
}
