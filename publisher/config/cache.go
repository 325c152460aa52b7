package config

import (
	"crypto/sha256"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audience"
	"github.com/sortition-dev/sortition/publisher/memo"
)

// CacheDir is where a project keeps what was computed from its files. It may be deleted at any
// time.
const CacheDir = ".sortition/cache"

const cacheFile = CacheDir + "/project"

// Tables of the cache.
const (
	filesTable       = "files"        // by name: hash and stamp of a file, and its document
	expressionsTable = "expressions " // and the digest of the scope; by text: an expression
	resultsTable     = "results"      // by name: what follows from all files
)

// Cache keeps results of loading a project between runs: the document of each file, under the
// hash of the file, and each compiled expression, under its text and all that its names mean. A
// load with a cache and a load without one return the same. Only what has no mistakes is kept, so
// that mistakes are always found anew, with their places.
//
// A Cache is for one load. The nil Cache keeps nothing. Files that are given to [LoadWith] are
// not kept.
type Cache struct {
	dir    string
	times  bool
	before memo.Tables
	now    time.Time

	files, expressions, results map[string]string // after the load
	scope                       string            // the table of expressions
	audiences                   map[string]string // by key of a named audience: its digest
	changed                     bool              // something is not as in before
	loaded, clean               bool
}

// OpenCache reads the cache of a project directory. If trustTimes is set, a file counts as
// unchanged if its size, its times and its inode are as when it was read, and neither time was
// within the two seconds before: any later write then changes a time. Otherwise, and on systems
// without such times, every file is read, and its hash decides.
func OpenCache(dir string, trustTimes bool) *Cache {
	return &Cache{
		dir: dir, times: trustTimes, before: memo.Read(filepath.Join(dir, filepath.FromSlash(cacheFile))), now: time.Now(),
		files: map[string]string{}, expressions: map[string]string{}, results: map[string]string{},
	}
}

// LoadCached is [Load] with a cache of the directory, which may be nil.
func LoadCached(dir string, c *Cache) (*Project, Problems) {
	l := newLoader(dir)
	l.cache = c
	project, problems := l.load()
	if c != nil {
		c.loaded, c.clean = true, len(problems) == 0
	}
	return project, problems
}

// Save writes the cache if the load has computed anything, and does nothing if it cannot be
// written. What the load did not use is dropped. After a load with problems it stays, because the
// load may not have come to it.
func (c *Cache) Save() {
	if c == nil || !c.loaded {
		return
	}
	tables := memo.Tables{filesTable: c.files, resultsTable: c.results}
	if c.scope != "" {
		tables[c.scope] = c.expressions
	}
	switch {
	case !c.clean:
		for name, table := range c.before {
			if name != resultsTable {
				tables[name] = union(tables[name], table)
			}
		}
	case !c.changed && len(c.files) == len(c.before[filesTable]) && len(c.expressions) == len(c.before[c.scope]):
		c.changed = len(c.results) > 0
		tables[resultsTable] = union(c.results, c.before[resultsTable])
	default:
		c.changed = true
	}
	if c.changed {
		memo.Write(filepath.Join(c.dir, filepath.FromSlash(cacheFile)), tables)
	}
}

// union returns both tables in one; of two values, that of a.
func union(a, b map[string]string) map[string]string {
	all := maps.Clone(b)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, a)
	return all
}

// Result returns what [Cache.KeepResult] kept under a name, if no file of the project has changed
// since. It is for use in place of a load.
func (c *Cache) Result(name string) (string, bool) {
	if c == nil {
		return "", false
	}
	result, kept := c.before[resultsTable][name]
	if !kept || !c.unchanged() {
		return "", false
	}
	return result, true
}

// KeepResult keeps what follows from the files of the project alone. It must follow a load
// without problems.
func (c *Cache) KeepResult(name, result string) {
	if c != nil && c.clean {
		c.results[name] = result
	}
}

// unchanged reports whether the project consists of the files that the last load read.
func (c *Cache) unchanged() bool {
	files := c.before[filesTable]
	for name, value := range files {
		kept, ok := parseKeptFile(value)
		if !ok || !c.same(name, kept) {
			return false
		}
	}
	for _, folder := range []string{ExperimentsDir, FlagsDir} {
		entries, err := os.ReadDir(filepath.Join(c.dir, folder))
		if err != nil && !os.IsNotExist(err) {
			return false
		}
		for _, e := range entries {
			if _, read := files[path.Join(folder, e.Name())]; !read && !strings.HasPrefix(e.Name(), ".") {
				return false
			}
		}
	}
	return true
}

// same reports whether a file has the content that was kept.
func (c *Cache) same(name string, kept keptFile) bool {
	path := filepath.Join(c.dir, filepath.FromSlash(name))
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if c.trusts(info, kept) {
		return true
	}
	if info.Size() > MaxSegmentFile {
		return false
	}
	data, err := os.ReadFile(path)
	return err == nil && sha256.Sum256(data) == kept.hash
}

func (c *Cache) trusts(info fs.FileInfo, kept keptFile) bool {
	return c.times && kept.stamp != stamp{} && stampOf(info, c.now) == kept.stamp
}

// keptFile is a file as it was read.
type keptFile struct {
	hash     [sha256.Size]byte
	stamp    stamp  // zero if it is not to be trusted
	document string // encoded; empty for a file of segments
}

const keptHeader = sha256.Size + stampSize

func parseKeptFile(value string) (keptFile, bool) {
	if len(value) < keptHeader {
		return keptFile{}, false
	}
	f := keptFile{stamp: parseStamp(value[sha256.Size:keptHeader]), document: value[keptHeader:]}
	copy(f.hash[:], value)
	return f, true
}

// hash returns the hash by which a file is kept; without a cache, zero.
func (c *Cache) hash(data []byte) (hash [sha256.Size]byte) {
	if c != nil {
		hash = sha256.Sum256(data)
	}
	return hash
}

// unread returns the information of a file that need not be read, and nil for others.
func (c *Cache) unread(path string, kept keptFile) fs.FileInfo {
	if c == nil || !c.times || kept.stamp == (stamp{}) {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || !c.trusts(info, kept) {
		return nil
	}
	return info
}

// decode fills the document that to points to, unless it fails.
func (f keptFile) decode(to any) bool {
	if f.document != "" && memo.Decode(f.document, to) == nil {
		return true
	}
	reflect.ValueOf(to).Elem().SetZero()
	return false
}

// kept returns what the cache has of a file.
func (c *Cache) kept(name string) keptFile {
	if c == nil {
		return keptFile{}
	}
	kept, _ := parseKeptFile(c.before[filesTable][name])
	return kept
}

// keep keeps a file that was read after info was.
func (c *Cache) keep(name string, info fs.FileInfo, f keptFile) {
	if c == nil || info == nil {
		return
	}
	stamp := stampOf(info, c.now)
	value := c.before[filesTable][name]
	if before, ok := parseKeptFile(value); !ok || before.hash != f.hash || before.stamp != stamp || before.document != f.document {
		value, c.changed = string(f.hash[:])+stamp.String()+f.document, true
	}
	c.files[name] = value
}

// keptExpression is an expression without mistakes.
type keptExpression struct {
	Audiences []keptAudience // that it uses
	Expr      *model.Expr
}

type keptAudience struct{ Key, Digest string }

// setScope tells what the names in expressions mean.
func (c *Cache) setScope(p *Project) {
	if c == nil {
		return
	}
	names := struct {
		Attributes []model.Attribute
		Segments   []string
	}{p.Attributes, keysOf(p.Segments, func(s Segment) string { return s.Key })}
	c.scope = expressionsTable + digest(&names)
	c.audiences = make(map[string]string, len(p.Audiences))
	for i := range p.Audiences {
		if a := &p.Audiences[i]; a.Expr != nil {
			c.audiences[a.Key] = digest(a.Expr)
		}
	}
}

func digest(v any) string {
	sum := sha256.Sum256(memo.Encode(v))
	return string(sum[:])
}

// expression returns the kept expression of a text.
func (c *Cache) expression(text string) (*model.Expr, bool) {
	if c == nil || c.scope == "" {
		return nil, false
	}
	value, ok := c.before[c.scope][text]
	if !ok {
		return nil, false
	}
	var kept keptExpression
	if memo.Decode(value, &kept) != nil || kept.Expr == nil {
		return nil, false
	}
	for _, a := range kept.Audiences {
		if c.audiences[a.Key] != a.Digest {
			return nil, false
		}
	}
	c.expressions[text] = value
	return kept.Expr, true
}

// keepExpression keeps a compiled expression that uses the named audiences.
func (c *Cache) keepExpression(text string, audiences []audience.Reference, expr *model.Expr) {
	if c == nil || c.scope == "" {
		return
	}
	kept := keptExpression{Expr: expr}
	for _, a := range audiences {
		kept.Audiences = append(kept.Audiences, keptAudience{a.Key, c.audiences[a.Key]})
	}
	c.expressions[text], c.changed = string(memo.Encode(&kept)), true
}
