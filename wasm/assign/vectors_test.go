package assign_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/assign/vectortest"
)

var update = flag.Bool("update", false, "write testdata/vectors.json from the tables of this package")

const vectorsFile = "testdata/vectors.json"

// TestVectorsAreCurrent compares the committed file with what the tables say.
func TestVectorsAreCurrent(t *testing.T) {
	want := vectorsJSON(t)
	if *update {
		if err := os.WriteFile(vectorsFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the tables say; run go test ./wasm/assign -run TestVectorsAreCurrent -update", vectorsFile)
	}
}

// TestVectors decides the vectors natively.
func TestVectors(t *testing.T) {
	file, err := vectortest.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Programs {
		engine, status := assign.Load(p.Payload)
		if status != assign.OK {
			t.Fatalf("%s: %v", p.Name, status)
		}
		for _, c := range p.Cases {
			if err := p.Check(native{engine}, &c); err != nil {
				t.Errorf("%s: %s (%s): %v", p.Name, c.Name, c.Why, err)
			}
		}
	}
}

// native is the core without WebAssembly.
type native struct{ engine *assign.Engine }

func (n native) One(request []byte, experiment uint32) ([]byte, assign.Status, error) {
	record, status := n.engine.AssignOne(request, experiment)
	return slices.Clone(record), status, nil
}

func (n native) All(request []byte) ([]byte, assign.Status, error) {
	records, status := n.engine.AssignAll(request)
	return records, status, nil
}

// TestVectorsExplained holds the naive evaluator against the tables, which say by hand
// what must come out.
func TestVectorsExplained(t *testing.T) {
	for _, s := range suites() {
		for _, c := range s.cases {
			if c.raw != nil {
				continue
			}
			d := explain.Decide(s.program, s.index(c.experiment), c.request)
			if got := s.outcome(c.experiment, d); got != c.want {
				t.Errorf("%s: %s (%s): %+v, want %+v\n%s", s.name, c.name, c.why, got, c.want,
					explained(s.program, s.index(c.experiment), c.request))
			}
		}
	}
}

// TestVectorRequestsAreFaithful checks that a request's JSON says the same as its
// encoding.
func TestVectorRequestsAreFaithful(t *testing.T) {
	file, err := vectortest.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Programs {
		reader, err := payload.NewReader(p.Payload)
		if err != nil {
			t.Fatal(err)
		}
		names, err := reader.Names()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Cases {
			if c.Request == nil {
				continue
			}
			r, err := requestOfJSON(c.Request)
			if err != nil {
				t.Fatalf("%s: %s: %v", p.Name, c.Name, err)
			}
			encoded, err := encodeSorted(r, names)
			if err != nil {
				t.Fatalf("%s: %s: %v", p.Name, c.Name, err)
			}
			if !bytes.Equal(encoded, c.Encoded) {
				t.Errorf("%s: %s: the request is %x, its encoding %x", p.Name, c.Name, encoded, c.Encoded)
			}
		}
	}
}

// TestVectorsCoverEverything looks for a reason, an operator or a type that no case is
// about.
func TestVectorsCoverEverything(t *testing.T) {
	reasons := map[abi.Reason]bool{}
	ops := map[model.Op]bool{}
	for _, s := range suites() {
		for _, e := range s.program.Experiments {
			for _, r := range e.Rules {
				collectOps(r.Audience, ops)
			}
		}
		names := map[string]bool{}
		for _, c := range s.cases {
			reasons[c.want.reason] = true
			if names[c.name] {
				t.Errorf("%s: two cases are named %q", s.name, c.name)
			}
			names[c.name] = true
			if c.why == "" {
				t.Errorf("%s: %s does not say why", s.name, c.name)
			}
		}
	}
	for r := abi.ReasonNoUnit; r <= abi.ReasonDefault; r++ {
		if !reasons[r] {
			t.Errorf("no case for reason %s", r)
		}
	}
	for op := model.OpAnd; op <= model.OpElapsed; op++ {
		if !ops[op] {
			t.Errorf("no case for operator %d", op)
		}
	}
}

func collectOps(e *model.Expr, ops map[model.Op]bool) {
	if e == nil {
		return
	}
	ops[e.Op] = true
	for _, arg := range e.Args {
		collectOps(arg, ops)
	}
}

// vectorsJSON writes the file from the tables.
func vectorsJSON(t *testing.T) []byte {
	t.Helper()
	file := vectortest.File{About: about}
	for _, s := range suites() {
		raw, err := compile.Payload(s.program)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		p := vectortest.Program{Name: s.name, Why: s.why, Payload: raw}
		for _, e := range s.program.Experiments {
			x := vectortest.Experiment{Key: e.Key, Kind: e.Kind.String()}
			for _, v := range e.Variants {
				x.Variants = append(x.Variants, v.Key)
			}
			p.Experiments = append(p.Experiments, x)
		}
		for _, c := range s.cases {
			v, err := c.vector(progtest.Names(s.program))
			if err != nil {
				t.Fatalf("%s: %s: %v", s.name, c.name, err)
			}
			p.Cases = append(p.Cases, v)
		}
		file.Programs = append(file.Programs, p)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(file); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var about = []string{
	"Decisions that every implementation of Sortition must come to. Generated: change the tables in wasm/assign and run go test ./wasm/assign -run TestVectorsAreCurrent -update.",
	"payload is a bundle's payload in base64, raw msgpack as documented in package bundle/payload; request_bytes is a request in base64 as documented in wasm/ABI.md.",
	"request is the same request for people and for implementations with their own encoding; it is left out where the case is about the encoding. now is in milliseconds since the Unix epoch.",
	"In it a JSON number without fraction or exponent is an int, another a double. What JSON cannot say is an object: {\"int\": \"9007199254740993\"}, {\"double\": \"NaN\"} (also of doubles that are whole), {\"base64\": …} for a string that is not UTF-8.",
	"expect is the decision for experiment: variant is null if none is given, rule is null if no rule decided. Or a status, if the request must be refused. Deciding everything at once must give the same, leaving out experiments without a variant.",
	"why says what an implementation that fails the case has wrong.",
}
