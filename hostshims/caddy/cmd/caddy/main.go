// Caddy is the web server with the handler sortition.
package main

import (
	caddycmd "github.com/caddyserver/caddy/v2/cmd"

	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/sortition-dev/sortition/hostshims/caddy"
)

func main() { caddycmd.Main() }
