package signer

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

const (
	// CommandTimeout bounds each call of a command. It leaves time to find and touch a smart
	// card.
	CommandTimeout = time.Minute

	// commandDelay is how long children of a command may keep its output open after it ended
	// or was stopped.
	commandDelay = time.Second

	// maxOutput is the largest size of a command's output in bytes. A public key takes less
	// than 200.
	maxOutput = 4 << 10
)

// command signs by calling a program that keeps the key.
type command struct {
	ctx    context.Context
	words  []string
	stderr io.Writer
	public bundle.PublicKey
}

// openCommand asks a command for its public key.
func openCommand(ctx context.Context, line string, stderr io.Writer) (*command, error) {
	c := &command{ctx: ctx, words: strings.Fields(line), stderr: stderr}
	if len(c.words) == 0 {
		return nil, fmt.Errorf("%s needs a command, such as %s/usr/local/bin/kms-key", execPrefix, execPrefix)
	}
	output, err := c.call("public", nil)
	if err != nil {
		return nil, err
	}
	if c.public, err = bundle.ParsePublicKey(output); err != nil {
		return nil, fmt.Errorf("%s public: %w", c, err)
	}
	return c, nil
}

// Public returns the public key that the command gave when it was opened.
func (c *command) Public() bundle.PublicKey { return c.public }

// Sign asks the command for a signature and verifies it.
func (c *command) Sign(message []byte) ([]byte, error) {
	output, err := c.call("sign", message)
	if err != nil {
		return nil, err
	}
	signature, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(output)))
	if err != nil {
		return nil, fmt.Errorf("%s sign: the signature must be printed in base64: %w", c, err)
	}
	if !c.public.Verify(message, signature) {
		return nil, fmt.Errorf("%s sign: the output is not a signature by the key %s", c, c.public.ID())
	}
	return signature, nil
}

// String returns the command as it was given.
func (c *command) String() string { return strings.Join(c.words, " ") }

// call runs the command with one more argument and returns what it prints.
func (c *command) call(argument string, input []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(c.ctx, CommandTimeout)
	defer cancel()
	output := &limitedBuffer{room: maxOutput}
	cmd := exec.CommandContext(ctx, c.words[0], append(c.words[1:len(c.words):len(c.words)], argument)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), output, c.stderr
	cmd.WaitDelay = commandDelay
	err := cmd.Run()
	switch {
	case output.full:
		return nil, fmt.Errorf("%s %s: the output is too long; the limit is %d bytes", c, argument, maxOutput)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("%s %s: did not finish within %v", c, argument, CommandTimeout)
	case err != nil:
		return nil, fmt.Errorf("%s %s: %w", c, argument, err)
	}
	return output.data, nil
}

// limitedBuffer is a buffer that holds at most room bytes.
type limitedBuffer struct {
	data []byte
	room int
	full bool
}

func (l *limitedBuffer) Write(data []byte) (int, error) {
	if len(l.data)+len(data) > l.room {
		l.full = true
		return 0, errors.New("output too long")
	}
	l.data = append(l.data, data...)
	return len(data), nil
}
