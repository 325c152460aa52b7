package cli

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/config"
)

type fmtOptions struct {
	check bool
	diff  bool
}

func newFmtCommand() *cobra.Command {
	var o fmtOptions
	cmd := &cobra.Command{
		Use:   "fmt [DIR|FILE]...",
		Short: "Lay out the files of a project in one way",
		Long: `Fmt lays out the YAML files of a project: those of the directories given (default: the
current one), or the files themselves. Keys come in the order in which the schemas have
them, with two spaces of indentation; comments stay with what they are about; values
stay as they are written. It prints the names of the files that it changes.

Exit status: 0 done, 1 a file could not be read or written or, with --check, is not laid
out like this, 2 wrong usage, or a file that is not YAML.`,
		Example: `  publisher fmt shop
  publisher fmt shop/experiments/welcome_banner.yaml
  publisher fmt shop --diff       # show what would change, and change nothing
  publisher fmt shop --check      # in CI: the names of files that would change, status 1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.OutOrStdout(), args)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.check, "check", false, "change nothing, and fail if a file would change")
	flags.BoolVar(&o.diff, "diff", false, "change nothing, and show what would change")
	return cmd
}

func (o *fmtOptions) run(w io.Writer, args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	var problems config.Problems
	changes := 0
	for _, arg := range args {
		files, err := formattable(arg)
		if err != nil {
			return err
		}
		for _, f := range files {
			changed, bad, err := o.file(w, f)
			if err != nil {
				return failed(err)
			}
			if changed {
				changes++
			}
			problems = append(problems, bad...)
		}
	}
	switch {
	case problems != nil:
		return problems
	case o.check && changes > 0:
		return exitStatus(statusFailure)
	}
	return nil
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
		return nil, fmt.Errorf("%s is no project: it has neither %s nor experiments or flags", path, config.ProjectFile)
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

// file lays out one file, and reports whether that changes it.
func (o *fmtOptions) file(w io.Writer, f projectFile) (bool, config.Problems, error) {
	before, err := readAtMost(f.path, config.MaxFileSize)
	if err != nil {
		return false, nil, err
	}
	after, problems := config.Format(f.name, before)
	for i := range problems {
		problems[i].File = f.path
	}
	if problems != nil || bytes.Equal(before, after) {
		return false, problems, nil
	}
	if o.diff {
		_, err := w.Write(diff.Diff(f.path+".orig", before, f.path, after))
		return true, nil, err
	}
	if !o.check {
		info, err := os.Stat(f.path)
		if err != nil {
			return false, nil, err
		}
		if err := durable.Replace(f.path, after, info.Mode().Perm()); err != nil {
			return false, nil, err
		}
	}
	_, err = fmt.Fprintln(w, f.path)
	return true, nil, err
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
