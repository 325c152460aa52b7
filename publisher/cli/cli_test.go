package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sortition-dev/sortition/publisher/signer"
)

// TestMain makes three programs known to the stories in testdata: "publisher", "edge",
// and "keeper", a command that keeps a key for others to sign with.
func TestMain(m *testing.M) {
	testscript.Main(keyless{m}, map[string]func(){
		"publisher": func() {
			os.Exit(Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
		},
		"edge": runEdge,
		"keeper": func() {
			if err := keep(os.Args[1], os.Args[2]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		},
	})
}

// keyless runs tests without the keys of whoever runs them.
type keyless struct{ *testing.M }

func (m keyless) Run() int {
	for _, name := range []string{keyVariable, keyFileVariable} {
		os.Unsetenv(name) // a name that is right
	}
	return m.M.Run()
}

// keep does what is asked of a command that keeps the key in a file.
func keep(path, what string) error {
	passphrases := signer.Passphrases{}
	opener := signer.Opener{Passphrase: passphrases.Get}
	key, err := opener.Open(context.Background(), path)
	if err != nil {
		return err
	}
	if what == "public" {
		file, err := key.Public().MarshalFile()
		fmt.Printf("%s", file)
		return err
	}
	message, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	signature, err := key.Sign(message)
	fmt.Println(base64.StdEncoding.EncodeToString(signature))
	return err
}

// TestStories runs the program as a person would.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/stories",
		UpdateScripts: os.Getenv("UPDATE_STORIES") != "",
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"status": status},
		Setup: func(env *testscript.Env) error {
			storefront, err := os.Getwd()
			env.Setenv("STOREFRONT", storefront+"/../../examples/storefront")
			return err
		},
	})
}

// status runs a program that must end with an exit status: status 2 publisher check.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program [argument...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
