package declaration

import (
	"bytes"
	"encoding/json"
	"slices"
)

// ParseLike is [Parse] for a declaration that is mostly the same as another one, whose encoding
// is given too. Experiments and flags that both have are parts of like in the result, and are not
// decoded again.
func ParseLike(data []byte, like *Declaration, encoding []byte) (*Declaration, error) {
	if d, ok := parseLike(data, like, encoding); ok {
		return d, nil
	}
	return Parse(data)
}

// parseLike reports false if the data is not in the form that [Declaration.Encode] writes.
func parseLike(data []byte, like *Declaration, encoding []byte) (*Declaration, bool) {
	var experiments, flags shared
	for _, s := range []struct {
		*shared
		key  string
		size int
	}{{&experiments, "experiments", len(like.Experiments)}, {&flags, "flags", len(like.Flags)}} {
		known, _, ok := elements(encoding, s.key)
		if !ok || len(known) != s.size {
			return nil, false
		}
		found, at, ok := elements(data, s.key)
		if !ok {
			return nil, false
		}
		s.find(found, known)
		data = slices.Concat(data[:at[0]], bytes.Join(s.own, []byte(",")), data[at[1]:])
	}
	d := new(Declaration)
	if json.Unmarshal(data, d) != nil || d.Format != Format || len(d.Experiments) != len(experiments.own) || len(d.Flags) != len(flags.own) {
		return nil, false
	}
	d.Experiments = merge(&experiments, d.Experiments, like.Experiments)
	d.Flags = merge(&flags, d.Flags, like.Flags)
	return d, true
}

// shared says which elements of a list are in another one.
type shared struct {
	places []int    // by element: its place in the other list, or -1
	own    [][]byte // the elements that are not there
}

func (s *shared) find(found, known [][]byte) {
	places := make(map[string]int, len(known))
	for i, element := range known {
		places[string(element)] = i
	}
	for _, element := range found {
		place, is := places[string(element)]
		if !is {
			place = -1
			s.own = append(s.own, element)
		}
		s.places = append(s.places, place)
	}
}

// merge returns the whole list: the elements of like that it shares, and its own.
func merge[T any](s *shared, own, like []T) []T {
	all := make([]T, len(s.places))
	for i, place := range s.places {
		if place >= 0 {
			all[i] = like[place]
			continue
		}
		all[i], own = own[0], own[1:]
	}
	return all
}

// elements returns the elements of the list under a key of a JSON object, and where the first
// begins and the last ends. It reports false if the object has no such list or two, or is not
// JSON without spaces; it does not find every mistake.
func elements(object []byte, key string) (list [][]byte, at [2]int, ok bool) {
	depth, from, inside := 0, 0, false
	wanted := []byte(`"` + key + `":[`)
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; inside && depth == 1 {
				if i > from {
					list = append(list, object[from:i])
				}
				at[1], inside = i, false
			}
		case ',':
			if inside && depth == 2 {
				list = append(list, object[from:i])
				from = i + 1
			}
		case '"':
			if depth == 1 && !inside && bytes.HasPrefix(object[i:], wanted) {
				if ok {
					return nil, at, false
				}
				i += len(wanted) - 1
				depth++
				from, inside, ok = i+1, true, true
				at[0] = from
				continue
			}
			for i++; i < len(object) && object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
		}
	}
	return list, at, ok && depth == 0
}
