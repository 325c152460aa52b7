package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"

	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/wasm/request"
)

// userUnit is the unit type that "user_id" stands for.
const userUnit = "user"

// maxExact is the largest number up to which every whole float64 is an exact integer.
const maxExact = 1 << 53

// assignRequest is the body of POST /api/v1/assign.
type assignRequest struct {
	UserID      *string           `json:"user_id"`
	Units       map[string]string `json:"units"`
	Experiments []string          `json:"experiments"`
	Context     map[string]any    `json:"context"`
	Reasons     bool              `json:"reasons"`
}

// assignFields are the fields of an assignRequest.
var assignFields = []string{"user_id", "units", "experiments", "context", "reasons"}

// badRequest is an error for the client. Its detail names the field and the problem.
type badRequest struct {
	status int
	detail string
}

func (e *badRequest) Error() string { return e.detail }

func refuse(format string, args ...any) error {
	return &badRequest{status: http.StatusBadRequest, detail: fmt.Sprintf(format, args...)}
}

// readAssign reads and checks the body of r. Its error is a *badRequest.
func readAssign(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) (assignRequest, error) {
	body.Reset()
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, MaxBody)); err != nil {
		return assignRequest{}, unread(err)
	}
	var in assignRequest
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return assignRequest{}, refuse("%v", service.ExplainJSON("", err, assignFields...))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return assignRequest{}, refuse("there is more after the JSON object")
	}
	return in, in.check()
}

// unread returns a *badRequest for an error of reading the body.
func unread(err error) error {
	var tooLarge *http.MaxBytesError
	var slow net.Error
	switch {
	case errors.As(err, &tooLarge):
		return &badRequest{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", MaxBody)}
	case errors.As(err, &slow) && slow.Timeout():
		return &badRequest{http.StatusRequestTimeout, "the body did not arrive within the time limit"}
	}
	return refuse("the body could not be read: %v", err)
}

func (in *assignRequest) check() error {
	if in.UserID == nil && len(in.Units) == 0 {
		return refuse(`user_id: is missing; give the id of the user, or other ids in "units"`)
	}
	if in.UserID != nil {
		if _, twice := in.Units[userUnit]; twice {
			return refuse("units.user: means the same as user_id; give only one of them")
		}
		if err := checkID("user_id", *in.UserID); err != nil {
			return err
		}
	}
	if n := len(in.Units); n > MaxUnits-1 {
		return refuse("units: %d ids; the limit is %d", n, MaxUnits-1)
	}
	for unit, id := range in.Units {
		if len(unit) > MaxStringLength {
			return refuse("units: a name of %d bytes; the limit is %d", len(unit), MaxStringLength)
		}
		if err := checkID("units."+unit, id); err != nil {
			return err
		}
	}
	if n := len(in.Experiments); n > MaxExperiments {
		return refuse("experiments: %d keys; the limit is %d", n, MaxExperiments)
	}
	if n := len(in.Context); n > MaxAttributes {
		return refuse("context: %d attributes; the limit is %d", n, MaxAttributes)
	}
	return nil
}

func checkID(field, id string) error {
	switch {
	case id == "":
		return refuse("%s: must not be empty", field)
	case len(id) > MaxIDLength:
		return refuse("%s: %d bytes; the limit is %d", field, len(id), MaxIDLength)
	}
	return nil
}

// fill adds the ids and attributes to req.
func (in *assignRequest) fill(req *request.Request) error {
	if in.UserID != nil {
		req.Unit(userUnit, *in.UserID)
	}
	for unit, id := range in.Units {
		req.Unit(unit, id)
	}
	for name, value := range in.Context {
		if len(name) > MaxStringLength {
			return refuse("context: a name of %d bytes; the limit is %d", len(name), MaxStringLength)
		}
		if err := setAttribute(req, name, value); err != nil {
			return err
		}
	}
	return nil
}

func setAttribute(req *request.Request, name string, value any) error {
	switch v := value.(type) {
	case string:
		if len(v) > MaxStringLength {
			return refuse("context.%s: %d bytes; the limit is %d", name, len(v), MaxStringLength)
		}
		req.String(name, v)
	case bool:
		req.Bool(name, v)
	case float64:
		// JSON has only one kind of number. A whole number may be a time, which is an integer.
		if v == math.Trunc(v) && math.Abs(v) <= maxExact {
			req.Int(name, int64(v))
		} else {
			req.Number(name, v)
		}
	case []any:
		return setList(req, name, v)
	case nil:
		return refuse("context.%s: must not be null; leave the attribute out if it is not known", name)
	default:
		return refuse("context.%s: must be a string, a number, a bool or a list of strings, not an object", name)
	}
	return nil
}

func setList(req *request.Request, name string, items []any) error {
	if len(items) > MaxListItems {
		return refuse("context.%s: %d items; the limit is %d", name, len(items), MaxListItems)
	}
	values := make([]string, len(items))
	for i, item := range items {
		s, ok := item.(string)
		switch {
		case !ok:
			return refuse("context.%s[%d]: must be a string", name, i)
		case len(s) > MaxStringLength:
			return refuse("context.%s[%d]: %d bytes; the limit is %d", name, i, len(s), MaxStringLength)
		}
		values[i] = s
	}
	req.Strings(name, values...)
	return nil
}
