package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audience"
	"github.com/sortition-dev/sortition/publisher/memo"
)

// Load reads and checks the project directory dir. If there are problems, the project is nil.
// The result does not depend on the order in which the file system lists files.
func Load(dir string) (*Project, Problems) { return LoadWith(dir, nil) }

// LoadWith is [Load] with other or further files than the directory has. The keys are their
// paths relative to dir, with slashes; only files of YAML count.
func LoadWith(dir string, files map[string][]byte) (*Project, Problems) {
	l := newLoader(dir)
	l.given = files
	return l.load()
}

func (l *loader) load() (*Project, Problems) {
	read := l.document(ProjectFile, l.project.File)
	experiments := documents[ExperimentFile](l, ExperimentsDir)
	flags := documents[FlagFile](l, FlagsDir)
	if read { // otherwise every name that it declares would be reported as unknown
		l.resolveProject()
		for _, file := range experiments {
			l.project.Experiments = append(l.project.Experiments, l.resolveExperiment(file))
		}
		for _, file := range flags {
			l.project.Flags = append(l.project.Flags, l.resolveFlag(file))
		}
		l.checkTogether()
	}
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	// The documents are larger than what they say, and were needed for the places of problems.
	for _, e := range l.project.Experiments {
		e.file = nil
	}
	for _, f := range l.project.Flags {
		f.file = nil
	}
	return l.project, nil
}

// LoadTarget reads only where the directory dir is published and by which keys. It sets only
// Environment, Bucket, Root, Keys and Environments of the project. It ignores mistakes
// elsewhere, so that urgent commands such as a kill work despite them.
func LoadTarget(dir string) (*Project, Problems) {
	l := newLoader(dir)
	file := l.project.File
	if l.document(ProjectFile, file) && file.Environment.Given() && file.Bucket.Given() {
		l.problems = nil
		l.resolveTarget()
		own := l.problems
		l.resolveEnvironments()
		l.problems = own
	}
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return l.project, nil
}

// LoadGates reads what [LoadTarget] reads, and the gates. It reports mistakes in
// sortition.yaml. It does not read experiments and flags.
func LoadGates(dir string) (*Project, Problems) {
	l := newLoader(dir)
	if l.document(ProjectFile, l.project.File) {
		l.resolveTarget()
		l.resolveEnvironments()
		l.resolveGates()
	}
	if len(l.problems) > 0 {
		return nil, l.problems.sorted()
	}
	return l.project, nil
}

func newLoader(dir string) *loader {
	return &loader{dir: dir, sources: map[string]*source{}, project: &Project{Dir: dir, File: &Sortition{}}}
}

// loader collects the project and its problems.
type loader struct {
	dir      string
	problems Problems
	given    map[string][]byte // contents of files, by path, in place of those in dir
	sources  map[string]*source
	cache    *Cache // nil without one
	project  *Project
	scope    *audience.Scope
}

func (l *loader) fail(at Pos, message, hint string) {
	l.problems = append(l.problems, Problem{at, message, hint})
}

// clean reports whether no problem has been found in a file so far.
func (l *loader) clean(file string) bool {
	return !slices.ContainsFunc(l.problems, func(p Problem) bool { return p.File == file })
}

// document reads one file into to. It reports false if the file could not be read at all.
func (l *loader) document(name string, to any) bool {
	kept := l.cache.kept(name)
	if info := l.cache.unread(l.path(name), kept); info != nil && kept.decode(to) {
		l.cache.keep(name, info, kept)
		return true
	}
	data, info, ok := l.read(name, MaxFileSize)
	if !ok {
		return false
	}
	hash := l.cache.hash(data)
	if kept.hash == hash && kept.decode(to) {
		l.cache.keep(name, info, kept)
		return true
	}
	s, text, problem := newSource(name, data)
	if problem != nil {
		l.problems = append(l.problems, *problem)
		return false
	}
	l.sources[name] = s
	problems, ok := decodeDocument(s, text, to)
	l.problems = append(l.problems, problems...)
	if ok && len(problems) == 0 && l.cache != nil {
		l.cache.keep(name, info, keptFile{hash: hash, document: string(memo.Encode(to))})
	}
	return ok
}

// source returns the text of a file that was read, or nil if it cannot be read again.
func (l *loader) source(name string) *source {
	if l.sources[name] == nil { // its document was in the cache
		data, _, ok := l.read(name, MaxFileSize)
		if !ok {
			return nil
		}
		l.sources[name], _, _ = newSource(name, data)
	}
	return l.sources[name]
}

// read reads a file of the project, of at most limit bytes. The information is from before, and nil
// for a file that was given.
func (l *loader) read(name string, limit int64) ([]byte, fs.FileInfo, bool) {
	at := Pos{File: name}
	if data, ok := l.given[name]; ok {
		if int64(len(data)) > limit {
			l.fail(at, fmt.Sprintf("is larger than %d bytes", limit), "")
			return nil, nil, false
		}
		return data, nil, true
	}
	path := l.path(name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && name == ProjectFile:
		l.fail(at, "not found in "+DescribeDir(l.dir), "name the directory of a project, or create one with: "+InDir("publisher init", l.dir))
		return nil, nil, false
	case err != nil:
		l.fail(at, "cannot be read: "+reason(err), "")
		return nil, nil, false
	case !info.Mode().IsRegular():
		l.fail(at, "is not a regular file", "")
		return nil, nil, false
	}
	f, err := os.Open(path)
	if err != nil {
		l.fail(at, "cannot be read: "+reason(err), "")
		return nil, nil, false
	}
	defer func() { _ = f.Close() }()
	data := bytes.NewBuffer(make([]byte, 0, min(info.Size(), limit)+bytes.MinRead))
	_, err = data.ReadFrom(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		l.fail(at, "cannot be read: "+reason(err), "")
		return nil, nil, false
	case int64(data.Len()) > limit:
		l.fail(at, fmt.Sprintf("is larger than %d bytes", limit), "")
		return nil, nil, false
	}
	return data.Bytes(), info, true
}

// reason returns the text of a file system error without the path, which the problem's place
// shows already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// documents reads every YAML file directly in a folder of the project, sorted by name.
// It leaves out those that it cannot read.
func documents[T any](l *loader, folder string) []*T {
	entries, err := os.ReadDir(filepath.Join(l.dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.fail(Pos{File: folder}, "cannot be read: "+reason(err), "")
	}
	names := map[string]bool{} // and whether it is a directory
	for _, e := range entries {
		names[folder+"/"+e.Name()] = e.IsDir()
	}
	for name := range l.given {
		if path.Dir(name) == folder {
			names[name] = false
		}
	}
	var out []*T
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch extension := filepath.Ext(name); {
		case strings.HasPrefix(path.Base(name), "."):
		case names[name]:
			l.fail(Pos{File: name}, "is a directory", "put files directly into "+folder+"/")
		case extension == ".yml" || extension == ".json":
			l.fail(Pos{File: name}, "the extension must be .yaml", "rename it to "+strings.TrimSuffix(path.Base(name), extension)+".yaml")
		case extension == ".yaml":
			if file := new(T); l.document(name, file) {
				out = append(out, file)
			}
		}
	}
	return out
}

// checkTogether checks rules that concern several files.
func (l *loader) checkTogether() {
	p := l.project
	if n := len(p.Experiments) + len(p.Flags); n > model.MaxExperiments {
		l.fail(Pos{File: ExperimentsDir}, fmt.Sprintf("there are %d experiments and flags; the limit is %d", n, model.MaxExperiments), "")
	}
	subjects := l.subjects()
	l.checkKeys(subjects)
	l.checkLayers()
	l.resolvePrerequisites(subjects)
	slices.SortFunc(p.Experiments, func(a, b *Experiment) int { return cmp.Compare(a.Key, b.Key) })
	slices.SortFunc(p.Flags, func(a, b *Flag) int { return cmp.Compare(a.Key, b.Key) })
	if len(l.problems) == 0 {
		l.resolveRoutes()
	}
}

// subject is what experiments and flags have in common, for checks between them.
type subject struct {
	key          At[string]
	salt         At[string]
	drawn        string // the salt in use
	status       Status
	layer        int // model.None for a flag
	applications []int
	variants     []Variant

	required      List[PrerequisiteEntry]
	prerequisites *[]Prerequisite // the resolved prerequisites
	followed      bool            // follow was called for it
	onPath        bool            // follow has not returned for it yet
	depth         int             // length of the longest chain of prerequisites
	deepest       *subject        // the next in that chain
}

func (l *loader) subjects() []subject {
	subjects := make([]subject, 0, len(l.project.Experiments)+len(l.project.Flags))
	for _, e := range l.project.Experiments {
		subjects = append(subjects, subject{
			key: e.file.Key, salt: e.file.Salt, drawn: e.Salt, status: e.Status, layer: e.Layer, applications: e.Applications, variants: e.Variants,
			required: e.file.Prerequisites, prerequisites: &e.Prerequisites,
		})
	}
	for _, f := range l.project.Flags {
		subjects = append(subjects, subject{
			key: f.file.Key, salt: f.file.Salt, drawn: f.Salt, status: f.Status, layer: model.None, applications: f.Applications, variants: f.Variants,
			required: f.file.Prerequisites, prerequisites: &f.Prerequisites,
		})
	}
	return subjects
}

// checkKeys finds keys and salts that are used twice.
func (l *loader) checkKeys(subjects []subject) {
	keys, salts := map[string]Pos{}, map[string]subject{}
	for _, x := range subjects {
		if !x.key.Given() {
			continue
		}
		if before, twice := keys[x.key.Value]; twice {
			l.fail(x.key.Pos, fmt.Sprintf("the key %q is used twice", x.key.Value),
				fmt.Sprintf("a key must be unique among experiments and flags; the other is at %s", before))
		} else {
			keys[x.key.Value] = x.key.Pos
		}
		if !x.salt.Given() && x.status.Live() {
			salts[x.drawn] = x
		}
	}
	for _, x := range subjects {
		if !x.salt.Given() || !x.status.Live() {
			continue
		}
		if other, twice := salts[x.drawn]; twice {
			l.fail(x.salt.Pos, fmt.Sprintf("the salt %q is also used by %q", x.drawn, other.key.Value),
				"draws with the same salt put the same units into the same variants; change the salt, or stop one of them")
			continue
		}
		salts[x.drawn] = x
	}
}

// DescribeDir names a directory in a sentence.
func DescribeDir(dir string) string {
	if dir == "." {
		return "the current directory"
	}
	return dir
}

// InDir is a command with the directory that it is to work on. The current directory goes without
// saying.
func InDir(command, dir string) string {
	if dir == "." {
		return command
	}
	return command + " " + dir
}
