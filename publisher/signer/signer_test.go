package signer

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/sortition-dev/sortition/bundle"
)

var key = bundle.KeyFromSeed([32]byte{1})

const passphrase = "correct horse battery staple"

// TestMain makes the test's own program a command that keeps a key, and that misbehaves
// in the way its first argument names.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_COMMAND") != "" {
		os.Exit(keep(os.Args[1], os.Args[2]))
	}
	os.Exit(m.Run())
}

// keep is that command. Its second argument says what is asked of it.
func keep(manner, call string) int {
	if manner == "fails-to-"+call {
		fmt.Fprintln(os.Stderr, "the card is locked")
		return 1
	}
	if call == "public" {
		switch manner {
		case "no-key":
			fmt.Println("hello")
		case "endless":
			for {
				if _, err := os.Stdout.Write(make([]byte, 4<<10)); err != nil {
					return 1
				}
			}
		case "slow":
			time.Sleep(time.Minute)
		default:
			file, _ := key.Public().MarshalFile()
			os.Stdout.Write(file)
		}
		return 0
	}
	message, _ := io.ReadAll(os.Stdin)
	if manner == "another-message" {
		message = append(message, '!')
	}
	signature, _ := key.Sign(message)
	switch manner {
	case "raw":
		os.Stdout.Write(signature)
	case "cut":
		fmt.Println(base64.StdEncoding.EncodeToString(signature[:63]))
	default:
		fmt.Println(base64.StdEncoding.EncodeToString(signature))
	}
	return 0
}

// write writes a file and returns its path.
func write(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// signs checks that the key signs.
func signs(t *testing.T, s bundle.Signer) {
	t.Helper()
	message := []byte("message")
	signature, err := s.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	if s.Public() != key.Public() || !key.Public().Verify(message, signature) {
		t.Error("it is not the key's signature")
	}
}

func plainFile(t *testing.T) []byte {
	t.Helper()
	file, err := key.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestKeysThatAreNotEncrypted(t *testing.T) {
	t.Setenv("A_KEY", string(plainFile(t)))
	o := Opener{Passphrase: func(string) (string, error) { return "", errors.New("asked for a passphrase") }}
	for _, name := range []string{write(t, plainFile(t)), "env:A_KEY"} {
		s, err := o.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		signs(t, s)
	}
}

func TestEncryptedKeys(t *testing.T) {
	armored, err := Encrypt(key, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(armored, []byte("PRIVATE KEY")) {
		t.Fatal("the file is not encrypted")
	}
	t.Setenv("A_KEY", string(armored))
	o := Opener{Passphrase: func(string) (string, error) { return passphrase, nil }}
	for _, name := range []string{write(t, armored), "env:A_KEY", write(t, binaryAge(t, 10))} {
		s, err := o.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		signs(t, s)
	}
	o.Passphrase = func(string) (string, error) { return "guess", nil }
	if _, err := o.Open(t.Context(), "env:A_KEY"); err == nil || !strings.Contains(err.Error(), "passphrase is wrong") {
		t.Errorf("a wrong passphrase: %v", err)
	}
}

// binaryAge returns the key's file as the command age -p writes it.
func binaryAge(t *testing.T, workFactor int) []byte {
	t.Helper()
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(workFactor)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plainFile(t)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestKeysRefused(t *testing.T) {
	costly := binaryAge(t, 10)
	costly = bytes.Replace(costly, []byte(" 10\n"), []byte(" 30\n"), 1)
	o := Opener{Passphrase: func(string) (string, error) { return passphrase, nil }}
	for what, row := range map[string]struct{ name, want string }{
		"no file":             {filepath.Join(t.TempDir(), "none"), "there is no key"},
		"an empty file":       {write(t, nil), "no PEM block"},
		"an endless file":     {write(t, make([]byte, 1<<20)), "too long"},
		"no variable":         {"env:NO_SUCH_KEY", "is empty or not set"},
		"no command":          {"exec:", "needs a command"},
		"an unknown command":  {"exec:/no/such/command", "no such file"},
		"a file cut short":    {write(t, costly[:100]), "decrypt"},
		"a costly passphrase": {write(t, costly), "work factor"},
	} {
		if _, err := o.Open(t.Context(), row.name); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %q", what, err, row.want)
		}
	}
	if _, err := o.Open(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestCommands(t *testing.T) {
	t.Setenv("TEST_COMMAND", "1")
	for manner, want := range map[string]string{ // "" if it signs
		"well":            "",
		"fails-to-public": "exit status 1",
		"no-key":          "no PEM block",
		"endless":         "the output is too long",
		"fails-to-sign":   "exit status 1",
		"another-message": "not a signature by the key",
		"raw":             "base64",
		"cut":             "not a signature by the key",
	} {
		var stderr bytes.Buffer
		o := Opener{Stderr: &stderr}
		s, err := o.Open(t.Context(), "exec:"+os.Args[0]+" "+manner)
		if err == nil {
			_, err = s.Sign([]byte("message"))
		}
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %q", manner, err, want)
		case want == "":
			signs(t, s)
		case strings.HasPrefix(manner, "fails") && !strings.Contains(stderr.String(), "the card is locked"):
			t.Errorf("%s: what it said was not passed on: %q", manner, &stderr)
		}
	}
}

func TestCommandsEndWithTheirContext(t *testing.T) {
	t.Setenv("TEST_COMMAND", "1")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	o := Opener{Stderr: io.Discard}
	if _, err := o.Open(ctx, "exec:"+os.Args[0]+" slow"); err == nil {
		t.Error("it did not end")
	}
}

func TestPassphrases(t *testing.T) {
	t.Setenv(PassphraseVariable, "")
	for what, row := range map[string]struct {
		file, variable, want string // want "" for an error
	}{
		"the first line":           {"open sesame\nsecond line\n", "", "open sesame"},
		"a line of Windows":        {"open sesame\r\n", "", "open sesame"},
		"spaces":                   {" open sesame ", "", " open sesame "},
		"the file comes first":     {"from the file", "from the variable", "from the file"},
		"an empty line":            {"\nopen sesame\n", "from the variable", ""},
		"the environment variable": {"", "from the variable", "from the variable"},
		"nothing, and no terminal": {"", "", ""},
	} {
		t.Setenv(PassphraseVariable, row.variable)
		p := Passphrases{Stdin: strings.NewReader("typed\n"), Prompt: io.Discard}
		if row.file != "" {
			p.File = write(t, []byte(row.file))
		}
		got, err := p.Get("key")
		chosen, errChosen := p.Choose("key")
		if got != row.want || (err == nil) != (row.want != "") || chosen != got || (err == nil) != (errChosen == nil) {
			t.Errorf("%s: got %q, %v, and %q, %v", what, got, err, chosen, errChosen)
		}
	}
	missing := Passphrases{File: filepath.Join(t.TempDir(), "none")}
	if _, err := missing.Get("key"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that does not exist: %v", err)
	}
}
