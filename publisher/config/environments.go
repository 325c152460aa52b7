package config

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
)

// MaxEnvironments is the largest number of environments that a project can have in addition to
// production.
const MaxEnvironments = 16

// Environment is an environment other than production. Changes are tried there before they are
// promoted.
type Environment struct {
	Name   string
	Bucket string // as Project.Bucket
	Root   string // as Project.Root
	Keys   []string

	bucket At[string] // as the file gives it
}

// In returns the project as it is published to an environment. For the production environment
// and for the empty name it returns p. For one of p.Environments it returns a copy whose
// Production is p.
func (p *Project) In(environment string) (*Project, error) {
	if environment == "" || environment == p.Environment {
		return p, nil
	}
	i := slices.IndexFunc(p.Environments, func(e Environment) bool { return e.Name == environment })
	if i < 0 {
		return nil, fmt.Errorf("%s: unknown or invalid environment %q; environments: %s",
			filepath.Join(p.Dir, ProjectFile), environment, strings.Join(p.EnvironmentNames(), ", "))
	}
	e := p.Environments[i]
	in, file := *p, *p.File
	file.Bucket = e.bucket
	in.Environment, in.Bucket, in.Root, in.Keys = e.Name, e.Bucket, e.Root, e.Keys
	in.File, in.Production = &file, p
	return &in, nil
}

// EnvironmentNames returns the names that [Project.In] accepts, with production first.
func (p *Project) EnvironmentNames() []string {
	names := []string{p.Environment}
	for _, e := range p.Environments {
		names = append(names, e.Name)
	}
	return names
}

// KeyFiles returns the default paths of the key and the root of an environment. They are
// relative to the project directory, with slashes.
func (p *Project) KeyFiles() (key, root string) {
	if p.Production == nil {
		return DefaultKey, DefaultRoot
	}
	return keyFilesOf(p.Environment)
}

// keyFilesOf returns the default paths of an environment other than production.
func keyFilesOf(name string) (key, root string) {
	within := func(file string) string { return path.Join(path.Dir(file), name, path.Base(file)) }
	return within(DefaultKey), within(DefaultRoot)
}

// checkEnvironment checks that a name is a valid key and allowed in manifests.
func (l *loader) checkEnvironment(name At[string]) {
	if l.checkKey(name, "an environment") {
		if err := bundle.CheckEnvironment(name.Value); err != nil {
			l.fail(name.Pos, err.Error(), "")
		}
	}
}

// resolveEnvironments sets Environments, sorted by name. It leaves out those with mistakes.
func (l *loader) resolveEnvironments() {
	p, f := l.project, l.project.File
	if n := len(f.Environments.Entries); n > MaxEnvironments {
		l.fail(f.Environments.Pos, fmt.Sprintf("there are %d environments; the limit is %d", n, MaxEnvironments), "")
	}
	buckets := map[string]string{p.Bucket: p.Environment}
	for _, entry := range f.Environments.Entries {
		name, mistakes := entry.Key.Value, len(l.problems)
		l.checkEnvironment(entry.Key)
		if name == p.Environment {
			l.fail(entry.Key.Pos, fmt.Sprintf("%q is already the production environment", name), "list the other environments here")
		}
		key, root := keyFilesOf(name)
		e := Environment{
			Name: name, Bucket: l.bucket(entry.Value.Bucket), Root: l.path(orDefault(entry.Value.Root, root)),
			Keys: l.keys(entry.Value.Keys, key), bucket: entry.Value.Bucket,
		}
		if !e.bucket.Given() {
			continue // reported already
		}
		if other, taken := buckets[e.Bucket]; taken {
			l.fail(e.bucket.Pos, fmt.Sprintf("the bucket is already used by %s", other), "give each environment its own bucket or prefix")
		}
		buckets[e.Bucket] = name
		if len(l.problems) == mistakes {
			p.Environments = append(p.Environments, e)
		}
	}
	slices.SortFunc(p.Environments, func(a, b Environment) int { return cmp.Compare(a.Name, b.Name) })
}
