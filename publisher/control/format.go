package control

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/config"
)

// FormatInput says what is formatted.
type FormatInput struct {
	Paths []string // project directories, or files of a project

	// DryRun changes no file.
	DryRun bool
}

// Formatted lists the files that are formatted otherwise than [config.Format] does.
type Formatted struct {
	Files []FormattedFile `json:"files"`
}

// FormattedFile is a file that changes.
type FormattedFile struct {
	Path string `json:"path"`
	Diff string `json:"diff"` // unified
}

// Format formats the YAML files of projects. The error is [config.Problems] if a file is not YAML;
// the others are formatted all the same.
func Format(in FormatInput) (*Formatted, error) {
	var problems config.Problems
	result := &Formatted{Files: []FormattedFile{}}
	for _, path := range in.Paths {
		files, err := formattable(path)
		if err != nil {
			return nil, &Misconfigured{err}
		}
		for _, f := range files {
			changed, bad, err := f.format(in.DryRun)
			if err != nil {
				return nil, err
			}
			if changed != nil {
				result.Files = append(result.Files, *changed)
			}
			problems = append(problems, bad...)
		}
	}
	return result, problems.Err()
}

// projectFile is a file by its path and its name in the project.
type projectFile struct{ path, name string }

// formattable lists the files of a project directory, or the one file of that path.
func formattable(path string) ([]projectFile, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return formattableFile(path)
	}
	var files []projectFile
	for _, pattern := range []string{config.ProjectFile, config.ExperimentsDir + "/*.yaml", config.FlagsDir + "/*.yaml"} {
		names, err := fs.Glob(os.DirFS(path), pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if config.Formattable(name) {
				files = append(files, projectFile{filepath.Join(path, filepath.FromSlash(name)), name})
			}
		}
	}
	if files == nil {
		return nil, fmt.Errorf("%s has neither %s nor experiments or flags: name the directory of a project", config.DescribeDir(path), config.ProjectFile)
	}
	return files, nil
}

func formattableFile(path string) ([]projectFile, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(whole)
	for _, name := range []string{filepath.Base(filepath.Dir(whole)) + "/" + base, base} {
		if config.Formattable(name) {
			return []projectFile{{path, name}}, nil
		}
	}
	return nil, fmt.Errorf("%s is not a file of a project: these are %s, %s/*.yaml and %s/*.yaml",
		path, config.ProjectFile, config.ExperimentsDir, config.FlagsDir)
}

// format formats one file; the result is nil if that does not change it.
func (f projectFile) format(dryRun bool) (*FormattedFile, config.Problems, error) {
	before, err := readAtMost(f.path, config.MaxFileSize)
	if err != nil {
		return nil, nil, err
	}
	after, problems := config.Format(f.name, before)
	for i := range problems {
		problems[i].File = f.path
	}
	if problems != nil || bytes.Equal(before, after) {
		return nil, problems, nil
	}
	if !dryRun {
		info, err := os.Stat(f.path)
		if err != nil {
			return nil, nil, err
		}
		if err := durable.Replace(f.path, after, info.Mode().Perm()); err != nil {
			return nil, nil, err
		}
	}
	return &FormattedFile{f.path, string(diff.Diff(f.path+".orig", before, f.path, after))}, nil, nil
}

func readAtMost(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return data, err
}
