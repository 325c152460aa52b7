package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
)

// MaxSegmentFile is the largest size of a segment file in bytes: room for the largest number of
// ids at 64 bytes each.
const MaxSegmentFile = 64 * model.MaxSegmentIDs

func (l *loader) resolveSegments() {
	for _, e := range l.project.File.Segments.Entries {
		l.checkKey(e.Key, "a segment")
		s := Segment{Key: e.Key.Value, Unit: l.unit(e.Value.Unit)}
		file, inline := e.Value.File.Given(), e.Value.IDs.Pos != Pos{}
		switch {
		case file && inline:
			l.fail(e.Key.Pos, "the segment has both a file and ids", "keep one of them")
		case file:
			s.IDs = l.segmentFile(e.Value.File)
		case inline:
			for _, id := range e.Value.IDs.Items {
				l.checkID(id)
				s.IDs = append(s.IDs, string(id.Value))
			}
		default:
			l.fail(e.Key.Pos, fmt.Sprintf("the segment %q has no ids", e.Key.Value), "write file: segments/"+e.Key.Value+".txt, or ids: [...]")
		}
		slices.Sort(s.IDs)
		s.IDs = slices.Compact(s.IDs)
		if n := len(s.IDs); n > model.MaxSegmentIDs {
			l.fail(e.Key.Pos, fmt.Sprintf("the segment has %d ids; the limit is %d", n, model.MaxSegmentIDs), "use an attribute of the request instead")
		}
		l.project.Segments = append(l.project.Segments, s)
	}
	slices.SortFunc(l.project.Segments, func(a, b Segment) int { return cmp.Compare(a.Key, b.Key) })
}

// resolveOptOut resolves the segments of units that have opted out.
func (l *loader) resolveOptOut() {
	known := keysOf(l.project.Segments, func(s Segment) string { return s.Key })
	l.project.OptOut = l.lookupAll(l.project.File.OptOut.Items, "segment", "segments", known)
}

// segmentFile reads one id per line. It skips empty lines and comments.
func (l *loader) segmentFile(name At[string]) []string {
	if !filepath.IsLocal(filepath.FromSlash(name.Value)) {
		l.fail(name.Pos, fmt.Sprintf("%q is not inside the project directory", name.Value), "write a path relative to "+ProjectFile+", without ..")
		return nil
	}
	before := len(l.problems)
	data, info, ok := l.read(name.Value, MaxSegmentFile)
	if !ok {
		for i := range l.problems[before:] { // report them where the file is named
			p := &l.problems[before+i]
			p.Message = p.File + ": " + p.Message
			p.Pos = name.Pos
		}
		return nil
	}
	l.cache.keep(name.Value, info, keptFile{hash: l.cache.hash(data)})
	var ids []string
	number := 0
	for line := range strings.SplitSeq(string(data), "\n") {
		number++
		id := strings.TrimSpace(line)
		at := Pos{File: name.Value, Line: number, Column: 1}
		switch {
		case id == "" || strings.HasPrefix(id, "#"):
			continue
		case !utf8.ValidString(id):
			l.fail(at, "the line is not valid UTF-8", "save the file as UTF-8")
			return nil
		case len(id) > event.MaxIDLength:
			l.fail(at, fmt.Sprintf("the unit id is %d bytes long; the limit is %d", len(id), event.MaxIDLength), "write one id per line")
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}
