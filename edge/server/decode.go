package server

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
)

// userUnit is the unit type that "user_id" stands for.
const userUnit = "user"

// maxExact is the largest number up to which every whole float64 is an exact integer.
const maxExact = 1 << 53

// assignRequest is the body of POST /api/v1/assign, as far as it is not in the host.Request.
type assignRequest struct {
	units       []unitID
	experiments []string
	selected    bool // only those of experiments are asked for
	reasons     bool
}

type unitID struct{ unit, id string }

// assignFields are the fields of the body.
const assignFields = "user_id, units, experiments, context and reasons"

// badRequest is an error for the client. Its detail names the field and the problem.
type badRequest struct {
	status int
	detail string
}

func (e *badRequest) Error() string { return e.detail }

func refuse(format string, args ...any) error {
	return &badRequest{status: http.StatusBadRequest, detail: fmt.Sprintf(format, args...)}
}

// read reads and checks the body of r. Its error is a *badRequest.
func (s *scratch) read(w http.ResponseWriter, r *http.Request) error {
	err := s.readBody(w, r.Body)
	if err == nil {
		err = s.decode()
	}
	if bad := new(badRequest); err == nil || errors.As(err, &bad) {
		return err
	}
	return refuse("%v", err)
}

// firstRead is the number of bytes for which there is room at first.
const firstRead = 1 << 10

// readBody reads a body of at most MaxBody bytes.
func (s *scratch) readBody(w http.ResponseWriter, from io.Reader) error {
	if s.body == nil {
		s.body = make([]byte, 0, firstRead)
	}
	s.body = s.body[:0]
	for {
		n, err := from.Read(s.body[len(s.body):cap(s.body)])
		s.body = s.body[:len(s.body)+n]
		switch {
		case len(s.body) > MaxBody:
			w.Header().Set("Connection", "close") // the rest is not worth reading
			return &badRequest{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", MaxBody)}
		case err == io.EOF:
			return nil
		case err != nil:
			return unread(err)
		case len(s.body) == cap(s.body):
			s.body = append(make([]byte, 0, min(2*cap(s.body), MaxBody+1)), s.body...)
		}
	}
}

// unread returns a *badRequest for an error of reading the body.
func unread(err error) error {
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		return &badRequest{http.StatusRequestTimeout, "the body did not arrive within the time limit"}
	}
	return refuse("the body could not be read: %v", err)
}

// decode reads the body into the request.
func (s *scratch) decode() error {
	in := &s.in
	*in = assignRequest{units: in.units[:0], experiments: in.experiments[:0]}
	user := false
	s.json.Reset(s.body)
	err := s.json.Object("", func(name string) (err error) {
		switch name {
		case "user_id":
			if s.json.Kind() == 'n' {
				return s.json.Skip()
			}
			user = true
			return s.decodeID(name, userUnit)
		case "units":
			return s.json.Object(name, s.decodeUnit)
		case "experiments":
			in.selected = s.json.Kind() != 'n'
			return s.json.Array(name, s.decodeKey)
		case "context":
			s.attributes = 0
			return s.json.Object(name, s.decodeAttribute)
		case "reasons":
			in.reasons, err = s.json.Bool(name)
			return err
		}
		return refuse("%s: unknown field; there are %s", name, assignFields)
	})
	if err == nil {
		err = s.json.End()
	}
	if err != nil {
		return err
	}
	return in.check(user)
}

// decodeID reads the id of a unit.
func (s *scratch) decodeID(field, unit string) error {
	id, err := s.json.String(field)
	switch {
	case err != nil:
		return err
	case id == "":
		return refuse("%s: must not be empty", field)
	case len(id) > MaxIDLength:
		return refuse("%s: %d bytes; the limit is %d", field, len(id), MaxIDLength)
	}
	s.request.Unit(unit, id)
	s.in.units = append(s.in.units, unitID{unit, id})
	return nil
}

func (s *scratch) decodeUnit(unit string) error {
	if len(s.in.units) == MaxUnits {
		return refuse("units: too many ids; the limit is %d", MaxUnits-1)
	}
	if len(unit) > MaxStringLength {
		return refuse("units: a name of %d bytes; the limit is %d", len(unit), MaxStringLength)
	}
	return s.decodeID("units."+unit, unit)
}

func (s *scratch) decodeKey(i int) error {
	if i == MaxExperiments {
		return refuse("experiments: too many keys; the limit is %d", MaxExperiments)
	}
	key, err := s.json.String("")
	s.in.experiments = append(s.in.experiments, key)
	return err
}

// check checks the ids. User says that there is a user_id.
func (in *assignRequest) check(user bool) error {
	users := 0
	for _, u := range in.units {
		if u.unit == userUnit {
			users++
		}
	}
	others := len(in.units)
	if user {
		others--
	}
	switch {
	case len(in.units) == 0:
		return refuse(`user_id: is missing; give the id of the user, or other ids in "units"`)
	case users > 1:
		return refuse("units.user: means the same as user_id; give only one of them")
	case others > MaxUnits-1:
		return refuse("units: too many ids; the limit is %d", MaxUnits-1)
	}
	return nil
}

// id returns the id of a unit type, or "".
func (in *assignRequest) id(unit string) string {
	for _, u := range in.units {
		if u.unit == unit {
			return u.id
		}
	}
	return ""
}

func (s *scratch) decodeAttribute(name string) error {
	if s.attributes++; s.attributes > MaxAttributes {
		return refuse("context: too many attributes; the limit is %d", MaxAttributes)
	}
	if len(name) > MaxStringLength {
		return refuse("context: a name of %d bytes; the limit is %d", len(name), MaxStringLength)
	}
	switch s.json.Kind() {
	case '"':
		value, err := s.json.String("")
		if err != nil {
			return err
		}
		if len(value) > MaxStringLength {
			return refuse("context.%s: %d bytes; the limit is %d", name, len(value), MaxStringLength)
		}
		s.request.String(name, value)
	case '0':
		return s.decodeNumber(name)
	case 't', 'f':
		value, err := s.json.Bool("")
		s.request.Bool(name, value)
		return err
	case '[':
		return s.decodeList(name)
	case 'n':
		return refuse("context.%s: must not be null; leave the attribute out if it is not known", name)
	case '{':
		return refuse("context.%s: must be a string, a number, a bool or a list of strings, not an object", name)
	default:
		return s.json.Skip() // which says what is wrong
	}
	return nil
}

// decodeNumber reads a number. JSON has only one kind of number. A whole number may be a time,
// which is an integer.
func (s *scratch) decodeNumber(name string) error {
	_, text, err := s.json.Raw()
	if err != nil {
		return err
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return refuse("context.%s: the number is too large", name)
	}
	if value == math.Trunc(value) && math.Abs(value) <= maxExact {
		s.request.Int(name, int64(value))
	} else {
		s.request.Number(name, value)
	}
	return nil
}

func (s *scratch) decodeList(name string) error {
	s.items = s.items[:0]
	err := s.json.Array("", func(i int) error {
		if i == MaxListItems {
			return refuse("context.%s: too many items; the limit is %d", name, MaxListItems)
		}
		switch s.json.Kind() {
		case '"':
		case '0', 't', 'f', 'n', '{', '[':
			return refuse("context.%s[%d]: must be a string", name, i)
		default:
			return s.json.Skip() // which says what is wrong
		}
		item, err := s.json.String("")
		if len(item) > MaxStringLength {
			return refuse("context.%s[%d]: %d bytes; the limit is %d", name, i, len(item), MaxStringLength)
		}
		s.items = append(s.items, item)
		return err
	})
	s.request.Strings(name, s.items...)
	return err
}
