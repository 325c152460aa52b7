package control

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sortition-dev/sortition/publisher/config"
)

// SchemaDir is where a project keeps the schemas that its files name.
const SchemaDir = ".sortition"

//go:embed all:scaffold
var scaffold embed.FS

// Init fills a directory, which must be empty or not exist, with a small project, and returns the
// paths of its files.
func Init(dir string) ([]string, error) {
	if err := requireEmpty(dir); err != nil {
		return nil, err
	}
	files, err := scaffoldFiles()
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(paths[i]), directoryMode); err != nil {
			return nil, err
		}
		if err := os.WriteFile(paths[i], f.data, publicFileMode); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// requireEmpty accepts a directory that does not exist, or holds nothing but a repository.
func requireEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &Misconfigured{err}
	}
	for _, e := range entries {
		if e.Name() != ".git" {
			return &Misconfigured{fmt.Errorf("%s is not empty: it has %s; choose another", config.DescribeDir(dir), e.Name())}
		}
	}
	return nil
}

type file struct {
	name string // with slashes
	data []byte
}

// scaffoldFiles are the files of a new project.
func scaffoldFiles() ([]file, error) {
	tree, err := fs.Sub(scaffold, "scaffold")
	if err != nil {
		return nil, err
	}
	var files []file
	err = fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		files = append(files, file{name, data})
		return err
	})
	for _, name := range config.SchemaNames {
		schema, schemaErr := config.Schema(name)
		err = errors.Join(err, schemaErr)
		files = append(files, file{SchemaDir + "/" + name + ".schema.json", schema})
	}
	return files, err
}

// Schema returns the JSON Schema of a file of a project: sortition, experiment or flag.
func Schema(name string) ([]byte, error) {
	schema, err := config.Schema(name)
	if err != nil {
		return nil, unknown("", fmt.Sprintf("there is no schema %q", name), name, "schemas", config.SchemaNames)
	}
	return schema, nil
}
