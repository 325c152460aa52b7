package plan

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis/stats"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Limits of a file of recorded requests.
const (
	MaxRequests    = 1_000_000          // lines; they take minutes, and more would hardly narrow the intervals
	MaxRequestLine = request.MaxEncoded // bytes of a line
)

// confidence is the level of the intervals of an estimate.
const confidence = 0.95

// Requests compares what recorded requests get before and after.
type Requests struct {
	Decided    int             `json:"decided"`
	Refused    int             `json:"refused"`     // lines that are not requests
	FirstError string          `json:"first_error"` // of the first refused line; empty if there is none
	Changed    Estimate        `json:"changed"`     // requests that get another variant of anything
	Changes    []RequestChange `json:"changes"`     // by key; without those that no request sees changed
}

// RequestChange is how one experiment or flag changes for recorded requests.
type RequestChange struct {
	Key    string   `json:"key"`
	Enter  Estimate `json:"enter"`  // a variant after, and none before
	Leave  Estimate `json:"leave"`  // no variant after, and one before
	Switch Estimate `json:"switch"` // another variant than before
}

// Estimate is a share of requests, with the 95 % interval (Wilson) that holds for a
// random sample.
type Estimate struct {
	Count int     `json:"count"`
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func estimate(count, of int) Estimate {
	p := stats.Proportion{Successes: int64(count), Trials: int64(of)}
	interval, _ := stats.Wilson(p, confidence)
	return Estimate{count, p.Rate(), interval.Low, interval.High}
}

// recorded is the body of a request for decisions, as `edge serve` takes it.
type recorded struct {
	UserID  string            `json:"user_id"`
	Units   map[string]string `json:"units"`
	Context map[string]any    `json:"context"`
}

// userUnit is the unit type that user_id stands for.
const userUnit = "user"

// Replay decides recorded requests, one JSON object a line, with the payloads of both
// states as of a time. A nil live assigns nothing. The error says what is wrong with the
// file as a whole; lines that are not requests are counted in Refused.
func Replay(in io.Reader, live *State, next State, at time.Time) (*Requests, error) {
	after, err := newDecider(next.Payload)
	if err != nil {
		return nil, err
	}
	r := &replay{after: after, at: at, request: request.New(), changes: map[string]*[3]int{}}
	if live != nil {
		if r.before, err = newDecider(live.Payload); err != nil {
			return nil, err
		}
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), MaxRequestLine)
	for number := 1; lines.Scan(); number++ {
		if number > MaxRequests {
			return nil, fmt.Errorf("there are more than %d requests: use a random sample of them", MaxRequests)
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := r.line(lines.Bytes()); err != nil {
			r.refused++
			if r.firstError == "" {
				r.firstError = fmt.Sprintf("line %d: %v", number, err)
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	if r.decided == 0 {
		return nil, fmt.Errorf("no request could be decided: %s", cmp.Or(r.firstError, "the file is empty"))
	}
	return r.result(), nil
}

// replay decides requests and counts the differences.
type replay struct {
	before, after *decider
	at            time.Time
	request       *request.Request

	decided, refused, changed int
	firstError                string
	changes                   map[string]*[3]int // by key: enter, leave, switch
}

func (r *replay) line(line []byte) error {
	var in recorded
	if err := json.Unmarshal(line, &in); err != nil {
		return err
	}
	if err := r.fill(&in); err != nil {
		return err
	}
	if err := r.after.decide(r.request); err != nil {
		return err
	}
	if r.before != nil {
		if err := r.before.decide(r.request); err != nil {
			return err
		}
	}
	r.decided++
	r.compare()
	return nil
}

func (r *replay) fill(in *recorded) error {
	if in.UserID == "" && len(in.Units) == 0 {
		return errors.New(`the request has neither "user_id" nor "units"`)
	}
	r.request.Reset().Now(r.at)
	if in.UserID != "" {
		r.request.Unit(userUnit, in.UserID)
	}
	for unit, id := range in.Units {
		r.request.Unit(unit, id)
	}
	for name, value := range in.Context {
		v, err := attribute(value)
		if err != nil {
			return fmt.Errorf("context.%s: %w", name, err)
		}
		r.request.Value(name, v)
	}
	return r.request.Err()
}

// maxExact is the largest number up to which every whole float64 is an exact integer.
const maxExact = 1 << 53

// attribute converts a JSON value to the value of an attribute. Whole numbers become
// integers, because they may be times.
func attribute(value any) (any, error) {
	switch v := value.(type) {
	case string, bool:
		return v, nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= maxExact {
			return int64(v), nil
		}
		return v, nil
	case []any:
		list := make([]string, len(v))
		for i, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("item %d is not a string", i)
			}
			list[i] = s
		}
		return list, nil
	}
	return nil, errors.New("must be a string, a number, a bool or a list of strings")
}

// compare counts what the request gets after and did not get before.
func (r *replay) compare() {
	any := false
	count := func(key string, kind int) {
		if r.changes[key] == nil {
			r.changes[key] = new([3]int)
		}
		r.changes[key][kind]++
		any = true
	}
	const enter, leave, switched = 0, 1, 2
	for i, is := range r.after.given {
		key, was := r.after.catalog.Key(i), ""
		if r.before != nil {
			if j, ok := r.before.catalog.Find(key); ok {
				was = r.before.given[j]
			}
		}
		switch {
		case was == is:
		case was == "":
			count(key, enter)
		case is == "":
			count(key, leave)
		default:
			count(key, switched)
		}
	}
	if r.before != nil {
		for i, was := range r.before.given {
			key := r.before.catalog.Key(i)
			if _, still := r.after.catalog.Find(key); !still && was != "" {
				count(key, leave)
			}
		}
	}
	if any {
		r.changed++
	}
}

func (r *replay) result() *Requests {
	out := &Requests{
		Decided: r.decided, Refused: r.refused, FirstError: r.firstError,
		Changed: estimate(r.changed, r.decided), Changes: []RequestChange{},
	}
	for key, n := range r.changes {
		out.Changes = append(out.Changes, RequestChange{
			key, estimate(n[0], r.decided), estimate(n[1], r.decided), estimate(n[2], r.decided),
		})
	}
	slices.SortFunc(out.Changes, func(a, b RequestChange) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
