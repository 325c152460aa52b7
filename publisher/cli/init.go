package cli

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
)

// schemaDir is where a project keeps the schemas that its files name.
const schemaDir = ".sortition"

//go:embed all:scaffold
var scaffold embed.FS

func newInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Make a project directory to start from",
		Long: `Init fills DIR, which must be empty or not exist, with a small commented project: one
experiment, one flag, and the JSON Schemas for editors. It is ready to be published, to
a directory of its own; name your bucket in sortition.yaml when you have one.`,
		Example: `  publisher init shop`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return initProject(cmd.OutOrStdout(), args[0])
		},
	}
}

func initProject(w io.Writer, dir string) error {
	if err := requireEmpty(dir); err != nil {
		return err
	}
	files, err := scaffoldFiles()
	if err != nil {
		return failed(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return failed(err)
		}
		if err := os.WriteFile(path, f.data, 0o644); err != nil {
			return failed(err)
		}
		fmt.Fprintf(w, "%s\n", path)
	}
	fmt.Fprintf(w, "\nnext:\n  publisher check %[1]s\n  publisher keygen %[1]s\n  publisher publish %[1]s\n", dir)
	return nil
}

// requireEmpty takes a directory that does not exist, or has nothing in it but a
// repository.
func requireEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != ".git" {
			return fmt.Errorf("%s is not empty: it has %s; choose another directory", dir, e.Name())
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
		files = append(files, file{schemaDir + "/" + name + ".schema.json", schema})
	}
	return files, err
}
