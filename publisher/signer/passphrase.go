package signer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// PassphraseVariable names the environment variable that holds a passphrase.
const PassphraseVariable = "SORTITION_PASSPHRASE"

// maxPassphrase is the size in bytes of a passphrase: more than anybody types.
const maxPassphrase = 1 << 10

// Passphrases reads passphrases: from a file if one is named, else from the environment variable
// [PassphraseVariable], else from the terminal.
type Passphrases struct {
	File   string    // its first line is the passphrase; may be empty
	Stdin  io.Reader // asked if it is a terminal
	Prompt io.Writer // where the terminal's user is asked

	// Done ends the asking when it is closed; nil never ends it. The error is then
	// [context.Canceled].
	Done <-chan struct{}
}

// Get returns the passphrase of an encrypted key.
func (p *Passphrases) Get(name string) (string, error) {
	if passphrase, err := p.given(); passphrase != "" || err != nil {
		return passphrase, err
	}
	return p.ask("passphrase of " + name)
}

// Choose returns the passphrase for a new key. At a terminal it is asked for twice.
func (p *Passphrases) Choose(name string) (string, error) {
	if passphrase, err := p.given(); passphrase != "" || err != nil {
		return passphrase, err
	}
	first, err := p.ask("new passphrase of " + name)
	if err != nil {
		return "", err
	}
	again, err := p.ask("once more")
	if err == nil && first != again {
		err = errors.New("the two passphrases differ")
	}
	return first, err
}

// given returns the passphrase that need not be asked for, if there is one.
func (p *Passphrases) given() (string, error) {
	if p.File == "" {
		return os.Getenv(PassphraseVariable), nil
	}
	f, err := os.Open(p.File)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPassphrase))
	if err != nil {
		return "", err
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	if line = bytes.TrimSuffix(line, []byte("\r")); len(line) == 0 {
		return "", fmt.Errorf("the first line of %s is empty", p.File)
	}
	return string(line), nil
}

// ask asks at the terminal, without showing what is typed.
func (p *Passphrases) ask(what string) (string, error) {
	terminal, ok := p.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return "", fmt.Errorf("a passphrase is needed, but there is no terminal to read it from: set %s, or name a file with --passphrase-file", PassphraseVariable)
	}
	fmt.Fprintf(p.Prompt, "%s: ", what)
	passphrase, err := p.read(int(terminal.Fd()))
	fmt.Fprintln(p.Prompt)
	if err == nil && len(passphrase) == 0 {
		err = errors.New("the passphrase is empty")
	}
	return string(passphrase), err
}

// read reads a line that the terminal does not show. Nothing can stop the reading, so after Done it
// goes on until the process ends; the terminal shows again what is typed.
func (p *Passphrases) read(terminal int) ([]byte, error) {
	before, err := term.GetState(terminal)
	if err != nil {
		return nil, err
	}
	type reply struct {
		line []byte
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		line, err := term.ReadPassword(terminal)
		replies <- reply{line, err}
	}()
	select {
	case <-p.Done:
		return nil, errors.Join(context.Canceled, term.Restore(terminal, before))
	case r := <-replies:
		return r.line, r.err
	}
}
