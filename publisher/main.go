// Publisher compiles experiments and flags into a signed bundle on object storage, and
// reads what came of them. See package cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/sortition-dev/sortition/publisher/cli"
)

func main() {
	limitMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	status := cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
